"""When a promise is due: every language's own examples, cases of the grammar, and what must hold for any words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.domain.calendar import Calendar, open_calendar
from plugin.domain.deadlines import assumed_window, find_window, find_windows
from plugin.domain.deadlines_words import says_when
from plugin.domain.findings import Window
from plugin.languages import load, load_examples
from tests.counting import steps

LANGUAGES = ("en", "fr", "tr", "lv", "ar", "de", "es")

OFFICE = open_calendar("Europe/London", "Mon-Fri 09:00-17:00")
SHORT_FRIDAY = open_calendar("Europe/Berlin", "Mon-Thu 08:00-17:00, Fri 08:00-12:00")
GULF = open_calendar("Asia/Dubai", "Sun-Thu 09:00-18:00")
NEW_YORK = open_calendar("America/New_York", "Mon-Sat 10:00-19:00")
CALENDARS = (OFFICE, SHORT_FRIDAY, GULF, NEW_YORK)

WEDNESDAY = datetime(2026, 3, 4, 10, 20, tzinfo=OFFICE.zone)


def due(lang: str, text: str, said_at: datetime = WEDNESDAY, calendar: Calendar = OFFICE) -> Window | None:
    read = load(lang).read(text)
    return find_window(read, 0, len(read.words.tokens), said_at, calendar, load(lang))


def told(window: Window | None) -> str:
    """A window as it stands in the rows below: "03-05 10:00-12:00", "03-05 17:00", "vague" or "none"."""
    if window is None:
        return "none"
    if window.end is None:
        return "vague"
    start = f"{window.start:%H:%M}-" if window.start else ""
    return f"{window.end:%m-%d} {start}{window.end:%H:%M}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_examples_of_a_language_come_out_to_the_minute(lang: str) -> None:
    """Self-check on the pack's own rows, held ones included; the floor is what was reached when this was written."""
    rows = load_examples(lang, "deadlines")
    right = sum(_exact(lang, row) for row in rows)
    assert len(rows) >= 45
    assert right / len(rows) >= FLOOR[lang]


FLOOR = {"en": 1.0, "fr": 63 / 64, "tr": 1.0, "lv": 1.0, "ar": 54 / 55, "de": 59 / 60, "es": 1.0}


def _exact(lang: str, row: dict[str, object]) -> bool:
    holidays = row["holidays"]
    assert isinstance(holidays, list)
    calendar = open_calendar(str(row["zone"]), str(row["hours"]), holidays)
    window = due(lang, str(row["text"]), datetime.fromisoformat(str(row["said_at"])), calendar)
    found = (window.start, window.end) if window else (None, None)
    wanted = tuple(datetime.fromisoformat(t) if (t := str(row[k])) else None for k in ("due_start", "due_end"))
    return all(_minute(f) == _minute(w) for f, w in zip(found, wanted, strict=True))


def _minute(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) // 60 if moment else None


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "I'll call tomorrow before 5", "03-05 17:00"),
        ("en", "one of us will ring you tomorrow, at half past two", "03-05 14:30"),
        ("en", "by a quarter to five", "03-04 16:45"),
        ("en", "in an hour or two", "03-04 12:20"),
        ("en", "Monday next week", "03-09 17:00"),
        ("en", "a week on Monday", "03-16 17:00"),
        ("en", "by Monday or Tuesday", "03-10 17:00"),
        ("en", "on 12 March between 10 and 12", "03-12 10:00-12:00"),
        ("en", "from 9 to 5 on Monday", "03-09 09:00-17:00"),
        ("en", "we'll have it 30 minutes before you arrive at 15:00", "03-04 14:30"),
        ("en", "the 20th of next month", "04-20 17:00"),
        ("en", "the next working day", "03-05 17:00"),
        ("en", "over the weekend", "03-08 17:00"),
        ("en", "Thursday at 10:00 EST", "03-05 15:00"),
        ("en", "by 5/6", "06-05 17:00"),
        ("en", "it ships 25/3", "03-25 17:00"),
        ("en", "as soon as possible", "vague"),
        ("en", "in a few days", "vague"),
        ("fr", "sous 24/48h", "03-06 10:20"),
        ("fr", "d'ici 17h", "03-04 17:00"),
        ("fr", "d'ici 2h", "03-04 12:20"),
        ("fr", "lundi 9 à 14h", "03-09 14:00"),
        ("fr", "à quatorze heures trente", "03-04 14:30"),
        ("fr", "dans 1h30", "03-04 11:50"),
        ("fr", "mardi de la semaine prochaine", "03-10 17:00"),
        ("fr", "soixante-douze heures, pas plus : dans soixante-douze heures", "03-07 10:20"),
        ("tr", "cumaya kadar", "03-06 17:00"),
        ("tr", "saat on beşte", "03-04 15:00"),
        ("tr", "iki buçuk saat içinde", "03-04 12:50"),
        ("tr", "üç güne", "03-07 17:00"),
        ("tr", "haftaya salı", "03-10 17:00"),
        ("tr", "ayın 25'ine kadar", "03-25 17:00"),
        ("tr", "saat 10'dan 12'ye kadar", "03-04 10:00-12:00"),
        ("lv", "trīs darba dienās", "03-09 17:00"),
        ("lv", "līdz 15. martam", "03-15 17:00"),
        ("lv", "piektdien trijos", "03-06 15:00"),
        ("lv", "pustrijos", "03-04 14:30"),
        ("lv", "2026. gada 20. martā plkst. 9.30", "03-20 09:30"),
        ("ar", "خلال يومين", "03-06 17:00"),
        ("ar", "بعد ساعتين", "03-04 12:20"),
        ("ar", "خلال ٤٨ ساعة", "03-06 10:20"),
        ("ar", "بين 10 و12", "03-05 10:00-12:00"),
        ("ar", "قبل وصولك بنصف ساعة غدا الساعة 3", "03-05 14:30"),
        ("ar", "خلال أربع وعشرين ساعة", "03-05 10:20"),
        ("de", "um halb vier", "03-04 15:30"),
        ("de", "bis zum 12. April", "04-12 17:00"),
        ("de", "Freitag Morgen", "03-06 12:00"),
        ("de", "heute morgen", "03-04 12:00"),
        ("de", "in anderthalb Stunden", "03-04 11:50"),
        ("es", "mañana por la mañana", "03-05 12:00"),
        ("es", "a las cinco menos cuarto", "03-04 16:45"),
        ("es", "dentro de cuarenta y ocho horas", "03-06 10:20"),
        ("es", "a finales de la semana que viene", "03-13 17:00"),
    ],
)
def test_words_become_a_window(lang: str, text: str, expected: str) -> None:
    said_at = WEDNESDAY if "10 و12" not in text else WEDNESDAY + timedelta(hours=4)
    assert told(due(lang, text, said_at)) == expected


_SENTENCES = [
    ("en", "You'll have our answer by Friday noon.", "03-06 12:00"),
    ("en", "We will get back to you within 2–3 business days.", "03-09 17:00"),
    ("en", "I'll ring you before 5.", "03-04 17:00"),
    ("en", "The courier comes on Thursday the 12th between 8 and 10 am", "03-12 08:00-10:00"),
    ("en", "We'll text you 45 minutes before the fitter arrives at 11:15 tomorrow.", "03-05 10:30"),
    ("en", "The money will be back by the end of next month.", "04-30 17:00"),
    ("en", "Expect the parcel no later than the 18th.", "03-18 17:00"),
    ("en", "Somebody will be with you in an hour and a half.", "03-04 11:50"),
    ("en", "We'll write by close of play on Tuesday.", "03-10 17:00"),
    ("en", "you'll hear from us the day after tomorrow at half past three", "03-06 15:30"),
    ("en", "within five working days at the latest", "03-11 17:00"),
    ("en", "by quarter past four this afternoon", "03-04 16:15"),
    ("en", "in the course of next week", "03-13 17:00"),
    ("en", "within the next 90 minutes", "03-04 11:50"),
    ("fr", "Vous aurez notre réponse vendredi avant midi.", "03-06 12:00"),
    ("fr", "Nous revenons vers vous sous deux à trois jours ouvrés.", "03-09 17:00"),
    ("fr", "Le technicien passera jeudi entre 14h et 16h30.", "03-05 14:00-16:30"),
    ("fr", "Je vous rappelle après-demain à 9 h 15.", "03-06 09:15"),
    ("fr", "Le virement sera fait d'ici la fin du mois.", "03-31 17:00"),
    ("fr", "Vous recevrez le colis au plus tard le 18 mars.", "03-18 17:00"),
    ("fr", "Nous vous préviendrons une heure avant le passage prévu demain à 15h.", "03-05 14:00"),
    ("fr", "Le dossier sera traité sous quinze jours.", "03-19 17:00"),
    ("fr", "Il passe lundi en fin de matinée.", "03-09 12:00"),
    ("fr", "Je vous rappelle dans trois quarts d'heure.", "03-04 11:05"),
    ("tr", "Cuma öğlene kadar size döneceğiz.", "03-06 12:00"),
    ("tr", "Ücretiniz 2-3 iş günü içinde iade edilecektir.", "03-09 17:00"),
    ("tr", "Yarın saat 14.30'da arayacağım.", "03-05 14:30"),
    ("tr", "Perşembe günü 10:00 ile 12:00 arasında gelecekler.", "03-05 10:00-12:00"),
    ("tr", "Ay sonuna kadar ödenecektir.", "03-31 17:00"),
    ("tr", "En geç 18 Mart'ta elinizde olur.", "03-18 17:00"),
    ("tr", "Yarım saat içinde dönüş yapacağız.", "03-04 10:50"),
    ("tr", "Önümüzdeki pazartesi sabah saat dokuzda arayacağız.", "03-09 09:00"),
    ("tr", "Yarın saat 15:00'teki randevudan 30 dakika önce arayacağız.", "03-05 14:30"),
    ("tr", "Bir buçuk saat sonra arayacağım.", "03-04 11:50"),
    ("lv", "Atbildēsim līdz piektdienas pusdienlaikam.", "03-06 12:00"),
    ("lv", "Nauda atgriezīsies 2–3 darba dienu laikā.", "03-09 17:00"),
    ("lv", "Meistars būs ceturtdien no plkst. 14 līdz 16.30.", "03-05 14:00-16:30"),
    ("lv", "Piezvanīšu parīt pulksten 9.15.", "03-06 09:15"),
    ("lv", "Izmaksāsim līdz mēneša beigām.", "03-31 17:00"),
    ("lv", "Paku saņemsiet ne vēlāk kā 18. martā.", "03-18 17:00"),
    ("lv", "Pusstundas laikā atzvanīsim.", "03-04 10:50"),
    ("lv", "Piezvanīsim stundu pirms ierašanās rīt plkst. 15.", "03-05 14:00"),
    ("lv", "Tas būs nākamās nedēļas otrdienā.", "03-10 17:00"),
    ("lv", "Izskatīsim divu nedēļu laikā.", "03-18 17:00"),
    ("ar", "سنرد عليك قبل ظهر يوم الجمعة.", "03-06 12:00"),
    ("ar", "سيتم رد المبلغ خلال 2-3 أيام عمل.", "03-09 17:00"),
    ("ar", "سيصل الفني يوم الخميس بين الساعة 2 و4 عصرا.", "03-05 14:00-16:00"),
    ("ar", "سأتصل بك بعد غد الساعة 9:15 صباحا.", "03-06 09:15"),
    ("ar", "ستستلم المبلغ قبل نهاية الشهر.", "03-31 17:00"),
    ("ar", "سيصلك الطرد في موعد أقصاه 18 مارس.", "03-18 17:00"),
    ("ar", "سنعاود الاتصال بك خلال نصف ساعة.", "03-04 10:50"),
    ("ar", "سنرد خلال خمسة أيام عمل.", "03-11 17:00"),
    ("ar", "سيزورك الفني الأسبوع القادم يوم الثلاثاء.", "03-10 17:00"),
    ("de", "Sie hören bis Freitagmittag von uns.", "03-06 12:00"),
    ("de", "Sie erhalten das Geld innerhalb von 2 bis 3 Werktagen.", "03-09 17:00"),
    ("de", "Der Techniker kommt am Donnerstag zwischen 14 und 16:30 Uhr.", "03-05 14:00-16:30"),
    ("de", "Ich rufe Sie übermorgen um Viertel nach neun an.", "03-06 09:15"),
    ("de", "Das erledigen wir bis Monatsende.", "03-31 17:00"),
    ("de", "Das Paket kommt spätestens am 18. März.", "03-18 17:00"),
    ("de", "Eine Stunde vor dem Termin morgen um 15 Uhr melden wir uns.", "03-05 14:00"),
    ("de", "In einer Dreiviertelstunde rufe ich zurück.", "03-04 11:05"),
    ("de", "In vierzehn Tagen ist es da.", "03-18 17:00"),
    ("es", "Tendrá respuesta el viernes antes del mediodía.", "03-06 12:00"),
    ("es", "Lo recibirá en un plazo de 2 a 3 días hábiles.", "03-09 17:00"),
    ("es", "El técnico pasará el jueves entre las 14:00 y las 16:30.", "03-05 14:00-16:30"),
    ("es", "Le llamo pasado mañana a las nueve y cuarto.", "03-06 09:15"),
    ("es", "Se lo pagamos antes de fin de mes.", "03-31 17:00"),
    ("es", "Llegará a más tardar el 18 de marzo.", "03-18 17:00"),
    ("es", "En media hora le devolvemos la llamada.", "03-04 10:50"),
    ("es", "Le avisamos una hora antes de la visita de mañana a las 15:00.", "03-05 14:00"),
]
"""What agents write, a sentence a row, said on a Wednesday morning in an office of Monday to Friday."""


_TURNS = [
    ("en", "You'll have the new lease by the weekend.", "03-06 17:00"),
    ("en", "The vet will ring you before the week is out.", "03-06 17:00"),
    ("en", "We'll post it before the day is out.", "03-04 17:00"),
    ("en", "I'll phone the harbour first thing in the morning.", "03-05 12:00"),
    ("en", "The van will be there at ten to five.", "03-04 16:50"),
    ("en", "The plumber comes tomorrow between 7 and 12.", "03-05 07:00-12:00"),
    ("en", "The sweep comes between two and four.", "03-04 14:00-16:00"),
    ("en", "It takes between 24 and 48 hours.", "03-06 10:20"),
    ("en", "We'll answer in the next day or two.", "03-06 17:00"),
    ("en", "The bridge will be done by the end of Q2.", "06-30 17:00"),
    ("de", "Das Dach ist noch vorm Wochenende dicht.", "03-06 17:00"),
    ("de", "Wir rufen morgen in aller Frühe an.", "03-05 12:00"),
    ("de", "In ner halben Std ist der Schlosser da.", "03-04 10:50"),
    ("de", "Der Gärtner kommt zwischen zwei und vier.", "03-04 14:00-16:00"),
    ("de", "Das dauert zwischen 24 und 48 Stunden.", "03-06 10:20"),
    ("es", "El fontanero llega mañana entre las 7 y las 12.", "03-05 07:00-12:00"),
    ("es", "La panadería le avisa a primera hora de la tarde.", "03-04 17:00"),
    ("es", "Lo tendrá mañana o pasado.", "03-06 17:00"),
    ("es", "Le pagamos en un plazo no mayor a 72 horas.", "03-07 10:20"),
    ("fr", "Le toit sera sec avant le week-end.", "03-06 17:00"),
    ("fr", "Le facteur passe vendredi dernier délai.", "03-06 17:00"),
    ("fr", "La clé sera prête sous un mois.", "04-04 17:00"),
    ("fr", "Je vous rappelle dans une petite demi-heure.", "03-04 10:50"),
    ("tr", "Çatıyı hafta sonu gelmeden onarırız.", "03-06 17:00"),
    ("tr", "Beşe on kala ararım.", "03-04 16:50"),
    ("tr", "Onu çeyrek geçe ararım.", "03-05 10:15"),
    ("tr", "Anahtar ayın on beşine kadar gelir.", "03-15 17:00"),
    ("tr", "Usta 12.03 günü saat 9.30'da orada olacak.", "03-12 09:30"),
    ("tr", "Pazartesi ilk iş olarak yazarız.", "03-09 12:00"),
    ("lv", "Jumtu salabosim pirms nedēļas nogales.", "03-06 17:00"),
    ("ar", "سنصلح السقف قبل عطلة نهاية الأسبوع.", "03-06 17:00"),
    ("ar", "سيصل البستاني كحد أقصى يوم الجمعة.", "03-06 17:00"),
    ("ar", "سأتصل بك حوالي الرابعة.", "03-04 16:00"),
]
"""Turns of speech that are one word away from saying something else."""


@pytest.mark.parametrize(("lang", "text", "expected"), _TURNS)
def test_a_turn_of_speech_is_taken_as_it_is_meant(lang: str, text: str, expected: str) -> None:
    assert told(due(lang, text)) == expected


@pytest.mark.parametrize(("lang", "text", "expected"), _SENTENCES)
def test_a_sentence_says_when(lang: str, text: str, expected: str) -> None:
    assert told(due(lang, text)) == expected


_ELSEWHERE = [
    ("en", "within 2 business days", GULF, "2026-03-05T16:00", "03-09 18:00"),
    ("ar", "سنرد عليك هذا الأسبوع", GULF, "2026-03-04T16:00", "03-05 18:00"),
    ("ar", "سنرد عليك الأسبوع القادم", GULF, "2026-03-05T16:00", "03-12 18:00"),
    ("ar", "خلال 3 ساعات عمل", GULF, "2026-03-05T16:00", "03-08 10:00"),
    ("en", "by Friday", GULF, "2026-03-05T16:00", "03-06 18:00"),
    ("ar", "سنتصل بك غدا", GULF, "2026-03-05T16:00", "03-06 18:00"),
    ("fr", "dimanche avant 11h", GULF, "2026-03-05T16:00", "03-08 11:00"),
    ("de", "innerhalb von 72 Stunden", SHORT_FRIDAY, "2026-03-26T15:00", "03-29 16:00"),
    ("de", "Wir melden uns morgen.", SHORT_FRIDAY, "2026-03-26T15:00", "03-27 12:00"),
    ("de", "bis Ende der Woche", SHORT_FRIDAY, "2026-03-26T15:00", "03-27 12:00"),
    ("en", "within 4 business hours", SHORT_FRIDAY, "2026-03-26T15:00", "03-27 10:00"),
    ("es", "Le llamamos el domingo.", SHORT_FRIDAY, "2026-03-26T15:00", "03-29 17:00"),
    ("lv", "divu darba dienu laikā", SHORT_FRIDAY, "2026-03-26T15:00", "03-30 17:00"),
    ("en", "by January 4", NEW_YORK, "2026-12-30T18:00", "01-04 19:00"),
    ("en", "within 3 business days", NEW_YORK, "2026-12-30T18:00", "01-02 19:00"),
    ("en", "by 1/4", NEW_YORK, "2026-12-30T18:00", "01-04 19:00"),
    ("en", "We'll call tomorrow morning.", NEW_YORK, "2026-12-30T18:00", "12-31 12:00"),
    ("es", "el 2 de enero", NEW_YORK, "2026-12-30T18:00", "01-02 19:00"),
    ("lv", "līdz 5. janvārim", NEW_YORK, "2026-12-30T18:00", "01-05 19:00"),
    ("de", "am 31. Dezember um 12 Uhr", NEW_YORK, "2026-12-30T18:00", "12-31 12:00"),
    ("ar", "يوم السبت قبل الساعة 11 صباحا", NEW_YORK, "2026-12-30T18:00", "01-02 11:00"),
    ("tr", "yarın akşama kadar", NEW_YORK, "2026-12-30T18:00", "12-31 17:00-20:00"),
    ("tr", "3 Ocak'a kadar", NEW_YORK, "2026-12-30T18:00", "01-03 19:00"),
    ("en", "within 12 hours", OFFICE, "2026-10-24T22:00", "10-25 09:00"),
    ("fr", "Je vous réponds dans 24 heures.", OFFICE, "2026-10-24T22:00", "10-25 21:00"),
    ("tr", "6 saat içinde", OFFICE, "2026-03-28T23:00", "03-29 06:00"),
]
"""The same under weeks that begin on Sunday, short Fridays, summer time that begins or ends, and the turn of a year."""


@pytest.mark.parametrize(("lang", "text", "calendar", "said_at", "expected"), _ELSEWHERE)
def test_calendars_zones_and_years_decide(
    lang: str, text: str, calendar: Calendar, said_at: str, expected: str
) -> None:
    moment = datetime.fromisoformat(said_at).replace(tzinfo=calendar.zone)
    assert told(due(lang, text, moment, calendar)) == expected


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "thank you for your patience"),
        ("en", "you wrote 2 days ago"),
        ("en", "in the past 5 days"),
        ("en", "we have waited for 3 days"),
        ("en", "your 30-day trial"),
        ("en", "we answer 24/7"),
        ("en", "our lines are open from 9 to 5"),
        ("en", "we are open until 5"),
        ("en", "the charge from last Tuesday"),
        ("en", "by 31 February"),
        ("en", "on 2026-02-30"),
        ("en", "by 12 March 2025"),
        ("en", "within 99999999 days"),
        ("en", "we will look at a later date"),
        ("en", "about 3 customers called"),
        ("en", "we may call you this may"),
        ("en", "Please send us your number. 2/2 ^HD"),
        ("en", "we'll look into this. 2/2"),
        ("en", "1/3 Thanks for reaching out"),
        ("en", "have a nice evening"),
        ("fr", "il y a 3 jours"),
        ("fr", "transmis à deux collègues"),
        ("fr", "bonne journée"),
        ("tr", "2 gün önce aramıştınız"),
        ("tr", "3 gündür bekliyorsunuz"),
        ("tr", "onu arayacağım"),
        ("lv", "pirms 3 dienām"),
        ("lv", "pēdējo 5 dienu laikā"),
        ("ar", "قبل 3 أيام"),
        ("ar", "صباح الخير"),
        ("de", "vor 3 Tagen"),
        ("de", "Guten Morgen"),
        ("es", "hace 3 días"),
        ("es", "buenas tardes"),
    ],
)
def test_what_is_over_or_only_a_fact_is_no_deadline(lang: str, text: str) -> None:
    assert told(due(lang, text)) == "none"


def test_what_is_dated_wins_over_what_is_vague() -> None:
    assert told(due("en", "We'll be in touch shortly, by Friday at the latest.")) == "03-06 17:00"


def test_a_closed_day_keeps_its_date_and_is_marked() -> None:
    window = due("en", "by Saturday", calendar=SHORT_FRIDAY)
    assert window is not None
    assert (told(window), window.closed_day) == ("03-07 17:00", True)
    friday = due("en", "by Friday", calendar=SHORT_FRIDAY)
    assert friday is not None
    assert friday.closed_day is False


def test_a_date_without_a_year_that_has_passed_is_next_years() -> None:
    window = due("en", "by 3 March")
    assert window is not None
    assert window.end == datetime(2027, 3, 3, 17, 0, tzinfo=OFFICE.zone)


def test_slashed_dates_follow_the_custom_of_the_place() -> None:
    assert told(due("en", "by 04/05/2026")) == "05-04 17:00"
    assert told(due("en", "by 04/05/2026", calendar=NEW_YORK)) == "04-05 19:00"
    assert told(due("fr", "le 04/05/2026", calendar=NEW_YORK)) == "05-04 19:00"


def test_the_day_is_the_calendars_and_not_the_writers() -> None:
    window = due("en", "tomorrow", datetime(2026, 3, 3, 23, 30, tzinfo=UTC), GULF)
    assert told(window) == "03-05 18:00"


def test_elapsed_hours_are_right_when_the_clocks_change() -> None:
    said = datetime(2026, 10, 24, 20, 0, tzinfo=SHORT_FRIDAY.zone)
    assert told(due("de", "in 24 Stunden", said, SHORT_FRIDAY)) == "10-25 19:00"


def test_each_window_says_by_which_rule_and_in_which_words() -> None:
    text = "We will send it within 3 business days, promised."
    read = load("en").read(text)
    [(window, first, last)] = find_windows(read, 0, len(read.words.tokens), WEDNESDAY, OFFICE, load("en"))
    assert (window.rule, window.precision, window.words) == (
        "within.business_days",
        "day",
        "within 3 business days",
    )
    assert read.words.quote(first, last) == window.words


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("en", "The report will be with you by close of play on Wednesday, promised.", "by close of play on Wednesday"),
        ("en", "We pay the bill in full on the 20th.", "on the 20th"),
        ("en", "I'll ring before 5 p.m. today.", "before 5 p.m. today"),
        ("de", "Spätestens am Donnerstag haben Sie Antwort.", "Spätestens am Donnerstag"),
        ("de", "Der Bescheid kommt bis spätestens 30.11. zu Ihnen.", "bis spätestens 30.11."),
        ("es", "Te lo arreglo hoy sin falta.", "hoy sin falta"),
        ("fr", "L'avoir vous parviendra au plus tard le 14 mars.", "au plus tard le 14 mars"),
        ("tr", "Yarın akşama kadar döneriz.", "Yarın akşama kadar"),
        ("lv", "Atbildēsim vēl šodien.", "vēl šodien"),
        ("ar", "سنرد قبل نهاية الدوام", "قبل نهاية الدوام"),
    ],
)
def test_a_time_is_quoted_as_it_was_said(lang: str, text: str, words: str) -> None:
    window = due(lang, text, WEDNESDAY, OFFICE)
    assert window is not None
    assert window.words == words


@pytest.mark.parametrize(
    ("lang", "text", "end"),
    [
        ("en", "early next week", "03-10 17:00"),
        ("en", "by midweek", "03-11 17:00"),  # said on a Wednesday: the next one
        ("de", "Mitte März", "03-15 17:00"),
        ("es", "a principios de abril", "04-10 17:00"),
        ("tr", "ay ortasında", "03-15 17:00"),
        ("lv", "nākamās nedēļas vidū", "03-11 17:00"),
        ("ar", "منتصف الأسبوع القادم", "03-11 17:00"),
        ("en", "on the first Monday in April", "04-06 17:00"),
        ("fr", "le dernier jour ouvré du mois", "03-31 17:00"),
        ("es", "la segunda semana de abril", "04-10 17:00"),
        ("en", "the week of 16 March", "03-20 17:00"),
        ("de", "bis Heiligabend", "12-24 17:00"),
    ],
)
def test_parts_of_weeks_and_months_are_days(lang: str, text: str, end: str) -> None:
    assert told(due(lang, text, WEDNESDAY, OFFICE)) == end


def test_a_wish_for_a_feast_names_no_date() -> None:
    assert due("en", "Merry Christmas and a happy new year!", WEDNESDAY, OFFICE) is None


def test_only_the_tokens_asked_for_are_looked_at() -> None:
    read = load("en").read("By Friday. We call tomorrow.")
    second = read.words.sentences[1]
    window = find_window(read, second.first, second.last, WEDNESDAY, OFFICE, load("en"))
    assert told(window) == "03-05 17:00"


@pytest.mark.parametrize(
    ("lang", "text"), [("de", "Bis zum 12. März klären wir das."), ("de", "Das klären wir bis zum 12. März.")]
)
def test_a_date_that_was_cut_at_the_full_stop_of_its_ordinal_is_read_whole(lang: str, text: str) -> None:
    read = load(lang).read(text)
    for sentence in read.words.sentences:
        window = find_window(read, sentence.first, sentence.last, WEDNESDAY, OFFICE, load(lang))
        assert told(window) == "03-12 17:00"


def test_without_a_stated_time_the_accounts_default_counts_business_hours() -> None:
    window = assumed_window(datetime(2026, 3, 6, 16, 0, tzinfo=OFFICE.zone), OFFICE, 8)
    assert (told(window), window.assumed, window.words) == ("03-09 16:00", True, "")


def test_a_text_that_says_no_time_is_left_at_once() -> None:
    read = load("en").read("Thank you so much, that was really kind of everybody who helped us with this.")
    assert not says_when(read, 0, len(read.words.tokens))


PIECES = {
    "en": "by within in 2 3-5 business days hours tomorrow friday next week 12 march at 5 pm end of the month before",
    "fr": "d'ici sous 48 h jours ouvrés demain vendredi prochain le 12 mars à 17h30 fin du mois avant dans 2 heures",
    "tr": "en geç 2 iş günü içinde yarın cuma gününe kadar saat 15:00 'te ay sonu haftaya 3 saat önce 12 mart",
    "lv": "līdz 2 darba dienu laikā rīt piektdien plkst. 15 mēneša beigām pēc 3 stundām pirms 12. martā nākamnedēļ",
    "ar": "خلال يومين 3 أيام عمل غدا الجمعة القادمة الساعة 5 مساء نهاية الشهر قبل بعد ساعتين 12 مارس",
    "de": "bis in 2 Werktagen morgen Freitag nächste Woche am 12. März um 15 Uhr Ende des Monats vor 30 Minuten halb",
    "es": "antes de en 2 días hábiles mañana viernes próxima semana el 12 de marzo a las 5 de la tarde fin de mes",
}

sentences = st.sampled_from(LANGUAGES).flatmap(
    lambda lang: st.tuples(
        st.just(lang),
        st.lists(st.sampled_from(PIECES[lang].split()), min_size=1, max_size=8).map(" ".join),
    )
)
moments = st.integers(0, 3 * 365 * 1440).map(lambda m: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=m))


@settings(max_examples=150, deadline=None)
@given(sentences, moments, st.sampled_from(CALENDARS))
def test_nothing_is_due_before_it_was_said(sentence: tuple[str, str], said_at: datetime, calendar: Calendar) -> None:
    lang, text = sentence
    read = load(lang).read(text)
    for window, first, last in find_windows(read, 0, len(read.words.tokens), said_at, calendar, load(lang)):
        assert window.end is None or said_at < window.end
        assert window.start is None or (window.end is not None and window.start <= window.end)
        assert 0 <= first < last <= len(read.words.tokens)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["within 3 business days", "in 5 working hours", "within 2 days", "in 6 hours"]),
    moments,
    st.sampled_from(CALENDARS),
    st.lists(st.integers(0, 14), max_size=4),
)
def test_more_holidays_never_bring_a_deadline_forward(
    text: str, said_at: datetime, calendar: Calendar, offsets: list[int]
) -> None:
    day = calendar.local(said_at).date()
    closed = frozenset(day + timedelta(days=o) for o in offsets)
    fewer_days = Calendar(calendar.zone, calendar.week, calendar.first_weekday, closed)
    usual, later = due("en", text, said_at, calendar), due("en", text, said_at, fewer_days)
    assert usual is not None
    assert later is not None
    assert usual.end is not None
    assert later.end is not None
    assert later.end >= usual.end


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 59), moments, st.sampled_from(CALENDARS))
def test_a_longer_wait_is_never_due_earlier(n: int, said_at: datetime, calendar: Calendar) -> None:
    for unit in ("hours", "business days", "days", "business hours"):
        one = due("en", f"within {n} {unit}", said_at, calendar)
        more = due("en", f"within {n + 1} {unit}", said_at, calendar)
        assert one is not None
        assert more is not None
        assert one.end is not None
        assert more.end is not None
        assert one.end <= more.end


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 23 * 60 + 59), moments)
def test_a_time_of_a_day_that_exists_comes_out_as_it_was_said(minute: int, said_at: datetime) -> None:
    hour, rest = divmod(minute, 60)
    window = due("en", f"tomorrow at {hour:02d}:{rest:02d}", said_at, SHORT_FRIDAY)
    assert window is not None
    assert window.end is not None
    wall = SHORT_FRIDAY.local(said_at).replace(hour=hour, minute=rest, second=0, fold=0) + timedelta(days=1)
    assert window.end == SHORT_FRIDAY.at(wall.date(), wall.time())


@pytest.mark.parametrize("unit", ["30 minutes before ", "12:00 ", "monday or ", "between 2 and ", "in the 12. march "])
def test_no_repetition_makes_it_slow(unit: str) -> None:
    """Work grows with the length of the text: four times the words take about four times the steps."""
    took = []
    for repeats in (500, 2000):
        read = load("en").read(unit * repeats)
        took.append(steps(lambda r=read: find_windows(r, 0, len(r.words.tokens), WEDNESDAY, OFFICE, load("en"))))
    assert took[1] < 5 * took[0]
