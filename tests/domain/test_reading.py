"""What of a mail its writer wrote: quotations, headers, signatures and notices in seven languages are blanked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.domain.reading import own_words
from plugin.languages.marks import load_marks
from tests.counting import steps

ANSWER = "The lamp still flickers, please send somebody."


def read(text: str) -> str:
    own = own_words(text, load_marks())
    assert len(own) == len(text)
    assert all(mine in (theirs, " ") for mine, theirs in zip(own, text, strict=True))
    assert own.count("\n") == text.count("\n")
    return own


def words(text: str) -> str:
    return " ".join(read(text).split())


HEADERS = [
    "On Wed, 12 Mar 2026 at 10:11, Acme Care <care@acme.example> wrote:",
    "On 12 Mar 2026, at 10:11, Acme Care wrote:",
    "On Wed, Mar 12, 2026 at 10:11 AM Acme Care <\ncare@acme.example> wrote:",
    "Le mer. 12 mars 2026 à 10:11, Acme Care <care@acme.example> a écrit :",
    "Le 12/03/2026 à 10:11,\nAcme Care a écrit :",
    "Acme Care <care@acme.example>, 12 Mar 2026 Per, 10:11 tarihinde şunu yazdı:",
    "12 Mar 2026 saat 10:11 tarihinde Acme Care\n<care@acme.example> şunları yazdı:",
    "Trešd., 2026. g. 12. marts, plkst. 10:11 — lietotājs Acme Care (<care@acme.example>) rakstīja:",
    "trešd., 2026. g. 12. marts, plkst. 10:11 — lietotājs\nAcme Care (<care@acme.example>) rakstīja:",
    "في الأربعاء، 12 مارس 2026 في 10:11 ص، كتب Acme Care <care@acme.example>:",
    "بتاريخ 12/03/2026 10:11، كتبت care@acme.example:",
    "Am Mi., 12. März 2026 um 10:11 Uhr schrieb Acme Care <care@acme.example>:",
    "Am 12.03.2026 um 10:11\nschrieb Acme Care:",
    "El mié, 12 mar 2026 a las 10:11, Acme Care (<care@acme.example>) escribió:",
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_goes_and_unquoted_history_below_it_with_it(header: str) -> None:
    assert words(f"{ANSWER}\n\n{header}\n\nWe will call you tomorrow at 10.\nRegards") == ANSWER


@pytest.mark.parametrize("header", HEADERS)
def test_an_answer_below_a_quotation_stays(header: str) -> None:
    assert words(f"{header}\n> We will call you tomorrow.\n\n{ANSWER}") == ANSWER


def test_answers_between_quoted_lines_stay() -> None:
    text = "Hi,\n> We can come on Monday.\nMonday is fine with me.\n>> older\n> Or Tuesday?\nNot Tuesday.\n"
    assert words(text) == "Hi, Monday is fine with me. Not Tuesday."


@pytest.mark.parametrize(
    "block",
    [
        "From: Acme Care <care@acme.example>\nSent: Wednesday, 12 March 2026 10:11\nTo: Ana Ruiz\nSubject: Your lamp",
        "*From:* Acme Care\n*Date:* 12 March 2026\n*Subject:* Your lamp",
        "________________\nDe : Acme\nEnvoyé : mercredi 12 mars 2026 10:11\nÀ : Ana Ruiz\nObjet : Votre lampe",
        "Kimden: Acme Care\nGönderildi: 12 Mart 2026 Çarşamba 10:11\nKime: Ana Ruiz\nKonu: Lambanız",
        "No: Acme Care\nNosūtīts: trešdiena, 2026. gada 12. marts 10:11\nKam: Ana Ruiz\nTemats: Jūsu lampa",
        "من: Acme Care\nتاريخ الإرسال: 12 مارس 2026\nإلى: Ana Ruiz\nالموضوع: المصباح",
        "Von: Acme Care\nGesendet: Mittwoch, 12. März 2026 10:11\nAn: Ana Ruiz\nBetreff: Ihre Lampe",
        "De: Acme Care\nEnviado: miércoles, 12 de marzo de 2026 10:11\nPara: Ana Ruiz\nAsunto: Su lámpara",
    ],
)
def test_a_header_block_goes_with_all_below_it(block: str) -> None:
    assert words(f"{ANSWER}\n\n{block}\n\nWe will call you tomorrow.") == ANSWER


def test_a_journey_is_no_header_block() -> None:
    text = "My booking is wrong.\nFrom: Riga\nTo: Oslo\nDate: 3 May\nIt should be the 4th."
    assert read(text) == text


def test_a_form_that_begins_with_labels_keeps_its_message() -> None:
    assert words(f"From: ana@mail.example\nSubject: lamp\n\n{ANSWER}") == ANSWER


@pytest.mark.parametrize(
    "divider",
    [
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-----Message d'origine-----",
        "---------- Forwarded message ----------",
        "-----Orijinal Mesaj-----",
        "-----Sākotnējais ziņojums-----",
        "-----الرسالة الأصلية-----",
        "-----Ursprüngliche Nachricht-----",
        "-----Mensaje original-----",
        "##- Please type your reply above this line -##",
        "##- Lütfen yanıtınızı bu satırın üzerine yazın -##",
        "##- Lūdzu, rakstiet savu atbildi virs šīs rindas -##",
        "##- الرجاء كتابة الرد فوق هذا السطر -##",
        "--- Reply above this line ---",
    ],
)
def test_what_stands_below_a_divider_goes(divider: str) -> None:
    assert words(f"{ANSWER}\n\n{divider}\nWe will call you tomorrow.\nAnd write.") == ANSWER


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Sent from my Galaxy S24",
        "Get Outlook for Android",
        "Envoyé de mon iPhone",
        "iPhone’umdan gönderildi",
        "Samsung cihazımdan gönderildi",
        "Nosūtīts no mana iPhone",
        "أُرسلت من الـ iPhone",
        "Von meinem iPhone gesendet",
        "Enviado desde mi iPhone",
    ],
)
def test_what_a_telephone_adds_goes(line: str) -> None:
    assert words(f"{ANSWER}\n\n{line}") == ANSWER


@pytest.mark.parametrize(
    "closer",
    [
        "Best regards",
        "Kind regards,",
        "Cordialement,",
        "Bien cordialement",
        "Saygılarımla,",
        "SAYGILARIMLA",
        "Ar cieņu,",
        "مع أطيب التحيات،",
        "Mit freundlichen Grüßen",
        "MfG",
        "Un saludo,",
        "Atentamente,",
    ],
)
def test_a_closer_goes_with_the_name_and_numbers_below_it(closer: str) -> None:
    block = "Ana Ruiz\nHead of Office\nTel. +34 912 345 678\nana.ruiz@mail.example"
    assert words(f"{ANSWER}\n\n{closer}\n{block}") == ANSWER
    assert words(f"{ANSWER}\n\n{closer}\n\n{block}\n\nPS: Not before 5.") == f"{ANSWER} PS: Not before 5."


def test_a_sentence_below_a_closer_stays() -> None:
    text = f"{ANSWER}\nBest regards\nAna\nPlease call me on 555 1234 and not on my work phone"
    assert words(text) == f"{ANSWER} Please call me on 555 1234 and not on my work phone"


def test_a_closer_and_a_name_on_one_line_go() -> None:
    assert words(f"{ANSWER}\nBest regards, Ana Ruiz") == ANSWER
    own = f"{ANSWER}\nBest regards, and do call me tomorrow"
    assert read(own) == own


def test_thanks_stay_and_the_name_below_them_goes() -> None:
    assert words(f"{ANSWER}\nThanks,\nAna Ruiz\n+34 912 345 678") == f"{ANSWER} Thanks,"
    assert words(f"{ANSWER}\nThanks,\nplease hurry up with it") == f"{ANSWER} Thanks, please hurry up with it"


def test_a_signature_under_dashes_goes_and_a_postscript_stays() -> None:
    assert words(f"{ANSWER}\n-- \nana ruiz, plumber\nwww.ruiz.example") == ANSWER
    assert words(f"{ANSWER}\n--\nAna\n\nP.S. After five only.") == f"{ANSWER} P.S. After five only."


def test_dashes_above_a_long_text_are_no_signature() -> None:
    story = "\n".join(f"Then on day {n} nobody came either." for n in range(30))
    assert words(f"{ANSWER}\n--\n{story}").endswith("on day 29 nobody came either.")


@pytest.mark.parametrize(
    "notice",
    [
        "This email and any attachments are confidential. If you are not the intended recipient, delete it.",
        "Ce message et ses pièces jointes sont confidentiels et établis à l'intention de leur destinataire.",
        "Bu e-posta ve ekleri gizlidir; yetkili alıcısı değilseniz lütfen siliniz.",
        "Šis e-pasts un tā pielikumi satur konfidenciālu informāciju.",
        "هذه الرسالة ومرفقاتها سرية وموجهة إلى المرسل إليه فقط.",
        "Diese E-Mail enthält vertrauliche Informationen.\nFalls Sie nicht gemeint sind, löschen Sie sie.",
        "Este mensaje y sus archivos adjuntos son confidenciales.",
    ],
)
def test_a_confidentiality_notice_goes(notice: str) -> None:
    assert words(f"{ANSWER}\n\n{notice}") == ANSWER
    assert words(f"{ANSWER} {notice}") == ANSWER
    assert words(f"{notice}\n\n{ANSWER}") == ANSWER


def test_remnants_of_pictures_go_and_links_stay() -> None:
    text = "See [image: photo.png] the crack [cid:12@a] here https://t.example/x?u=[1]"
    assert words(text) == "See the crack here https://t.example/x?u=[1]"


@pytest.mark.parametrize(
    "text",
    [
        "Thanks\n> We will call you tomorrow about the lamp.",
        "Best regards\nAna",
        "ok\n\nOn 12 Mar 2026 at 10:11, Acme wrote:\nWe will call you tomorrow.",
        "Regards, Ana\n\n-----Original Message-----\nWe will call you.",
    ],
)
def test_a_short_answer_is_never_blanked_away(text: str) -> None:
    first = text.splitlines()[0]
    assert read(text).startswith(first)
    assert "will" not in read(text)


def test_mail_without_a_word_of_the_writers_own_is_blank() -> None:
    assert words("On 12 Mar 2026 at 10:11, Acme wrote:\n> We will call you tomorrow.\n> Promised.") == ""
    assert words("") == ""


@pytest.mark.parametrize(
    "text",
    [
        "On Monday your agent wrote:\nwe will call. Nobody did.",
        "Two things are broken:\n- the plug\n- the switch -- it sticks",
        "I wrote to you on 12.03.2026 at 10:11: no answer.",
        "Le chat a écrit sur le clavier.",
        "No: the parcel never came. To: be honest, I gave up.",
        "The original message said Tuesday.\nBest, I think, would be a refund.",
        "Regards the lamp: it flickers.",
        "1 > 0 and a <b> c\nline two",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert read(text) == text


_PIECES = st.sampled_from(
    [*HEADERS, ANSWER, "> quoted", "-- ", "Best regards", "İŞ", "ß", "From: a@b", "##- x -##", "\r", "", "[image: x"]
)


@given(st.lists(_PIECES | st.text(max_size=20), max_size=12))
def test_places_stay_valid_whatever_the_text(pieces: list[str]) -> None:
    read("\n".join(pieces))


@pytest.mark.parametrize(
    "unit",
    [
        "I will call you today\n",
        "--\n\n\n",
        "Best regards\nAna\n",
        "> quoted\nanswer\n",
        "On 12 Mar 2026 at 10:11\n",
        "x",
        "From: a@b\n",
        "From: x\nwww\n",
        "ş ı ",
        "[image: ",
        "This email and any attachments are confidential. ",
        "\n",
        "thanks\n\n",
        "Sākotnējais ziņojums:x\n",
    ],
)
def test_time_grows_linearly_with_the_text(unit: str) -> None:
    def cost(size: int) -> int:
        text = (unit * (size // len(unit) + 1))[:size]
        return steps(lambda: own_words(text, load_marks()))

    load_marks()
    assert cost(200_000) < 12 * cost(20_000) + 1_000


@pytest.mark.parametrize("names", ["Agnes and Bill", "Ana Ruiz", "J. Okafor", "Marc et Julie Petit", "Ilze Bērziņa"])
def test_a_last_paragraph_of_names_goes(names: str) -> None:
    assert words(f"{ANSWER}\n\n{names}") == ANSWER


@pytest.mark.parametrize("last", ["Still waiting here", "Refund", "Any news", "please send Bill", "Order 12 Now"])
def test_a_last_paragraph_that_says_something_stays(last: str) -> None:
    assert words(f"{ANSWER}\n\n{last}") == f"{ANSWER} {last}"


def test_names_without_anything_above_them_stay() -> None:
    assert words("Agnes and Bill") == "Agnes and Bill"
