/* What the page says itself, because no server of ours answers; taken from the catalogue (plugin/locales). */
"use strict";

window.FOLLOWTHROUGH_WORDS = {
  "ar": {
    "dir": "rtl",
    "retry": "إعادة المحاولة",
    "unreached": "لا يستجيب Followthrough. ما تفعله في التذكرة لا يتأثر."
  },
  "de": {
    "dir": "ltr",
    "retry": "Erneut versuchen",
    "unreached": "Followthrough antwortet nicht. Ihre Arbeit im Ticket ist davon nicht betroffen."
  },
  "en": {
    "dir": "ltr",
    "retry": "Try again",
    "unreached": "Followthrough does not answer. What you do in the ticket is not affected."
  },
  "es": {
    "dir": "ltr",
    "retry": "Reintentar",
    "unreached": "Followthrough no responde. Lo que haga en el ticket no se ve afectado."
  },
  "fr": {
    "dir": "ltr",
    "retry": "Réessayer",
    "unreached": "Followthrough ne répond pas. Votre travail dans le ticket n’est pas touché."
  },
  "lv": {
    "dir": "ltr",
    "retry": "Mēģināt vēlreiz",
    "unreached": "Followthrough neatbild. Jūsu darbu pieteikumā tas neskar."
  },
  "tr": {
    "dir": "ltr",
    "retry": "Yeniden dene",
    "unreached": "Followthrough yanıt vermiyor. Talepte yaptıklarınız bundan etkilenmez."
  }
};
