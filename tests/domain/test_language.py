"""Whose language it is, or nobody's: short, mixed, misspelt, foreign and empty messages."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from plugin.domain.language import UNKNOWN, base_language, find_language
from plugin.languages.marks import load_common_words
from tests.counting import steps

SEVEN = ("en", "fr", "tr", "lv", "ar", "de", "es")


def find(text: str, locale: str = "", account: tuple[str, ...] = SEVEN) -> tuple[str, str]:
    return find_language(text, locale=locale, account_languages=account, supported=SEVEN, common=load_common_words())


MESSAGES = [
    ("en", "My lamp arrived without its plug and nobody picks up the phone."),
    ("en", "Refund pls"),
    ("en", "any news??"),
    ("fr", "Toujours aucune nouvelle de mon colis, que se passe-t-il ?"),
    ("fr", "j'attends depuis trois semaines"),
    ("tr", "Kargom hâlâ gelmedi, ne zaman teslim edilecek?"),
    ("tr", "iade islemim ne zaman yapilacak"),
    ("tr", "param hala yatmadi lutfen donus yapin"),
    ("lv", "Sūtījums joprojām nav piegādāts, lūdzu pārzvaniet."),
    ("lv", "labdien, gribetu zinat, kad sanemsu naudu atpakal"),
    ("lv", "velos atcelt pasutijumu un sanemt naudu"),
    ("ar", "طلبي لم يصل حتى الآن، متى سيتم التوصيل؟"),
    ("de", "Das Paket ist seit Tagen unterwegs und niemand meldet sich."),
    ("es", "Llevo dos semanas esperando la devolución de mi dinero."),
    ("es", "No he recibido mi pedido"),
]


@pytest.mark.parametrize(("lang", "text"), MESSAGES)
@pytest.mark.parametrize("locale", ["", "en-US", "lv"])
def test_a_plain_message_is_known_whatever_the_locale_says(lang: str, text: str, locale: str) -> None:
    assert find(text, locale)[0] == lang


FOREIGN = [
    ("it", "Buongiorno, il pacco non è ancora arrivato e nessuno risponde al telefono."),
    ("fi", "Tilaukseni ei ole vielä saapunut, milloin se toimitetaan?"),
    ("nl", "Ik heb mijn pakket nog steeds niet ontvangen."),
    ("pt", "Ainda não recebi a minha encomenda, podem ajudar?"),
    ("sv", "Mitt paket har inte kommit, kan ni hjälpa mig?"),
    ("pl", "Nadal nie otrzymałem zwrotu pieniędzy za zamówienie."),
    ("lt", "Laba diena, kada gausiu savo užsakymą?"),
    ("et", "Tere, millal ma oma raha tagasi saan?"),
    ("ru", "Где мой заказ? Жду уже две недели."),
    ("uk", "Доброго дня, коли прийде моє замовлення?"),
    ("fa", "سلام، سفارش من هنوز نرسیده است، پیگیری کنید"),
    ("he", "שלום, ההזמנה שלי עדיין לא הגיעה"),
    ("el", "Η παραγγελία μου δεν έχει φτάσει ακόμα"),
    ("zh", "我的订单还没有到"),
    ("ja", "注文した商品がまだ届きません"),
    ("ko", "주문한 상품이 아직 도착하지 않았습니다"),
    ("th", "สินค้ายังไม่มาส่ง"),
    ("hi", "मेरा ऑर्डर अभी तक नहीं आया है और कोई जवाब नहीं दे रहा"),
]


@pytest.mark.parametrize(("lang", "text"), FOREIGN)
@pytest.mark.parametrize("account", [("en",), SEVEN])
def test_a_language_that_is_not_the_accounts_is_not_taken_for_one_that_is(
    lang: str, text: str, account: tuple[str, ...]
) -> None:
    assert find(text, "en", account)[0] == lang


@pytest.mark.parametrize(
    ("lang", "neighbour", "text"),
    [
        ("de", "nl", "Ich warte noch immer auf mein Geld"),
        ("nl", "de", "Ik wacht nog altijd op mijn geld"),
        ("es", "pt", "Quisiera cancelar el pedido de ayer"),
        ("pt", "es", "Gostaria de cancelar o pedido de ontem"),
        ("lv", "lt", "Vai jūs varat man piezvanīt rīt?"),
        ("lt", "lv", "Ar galite man paskambinti rytoj?"),
    ],
)
def test_neighbours_are_told_apart(lang: str, neighbour: str, text: str) -> None:
    assert find(text, account=(lang, neighbour))[0] == lang
    assert find(text, neighbour, account=(neighbour,))[0] == lang


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("lv", "Hello team,\nvakar saņēmu bojātu preci un vēlos to apmainīt pret citu. Kad varat atbraukt?"),
        ("en", "Labdien! I bought a heater from you yesterday and it does not switch on at all."),
        ("ar", "هل iPhone 15 Pro Max متوفر"),
        ("ar", "اشتريت Samsung Galaxy S24 Ultra من موقعكم"),
        ("en", "Please call my husband محمد about the delivery tomorrow."),
        ("tr", "Merhaba, MacBook Air M2 siparişim için invoice istiyorum ama mail gelmedi"),
        ("de", "Habe das Feedback vom Support Team immer noch nicht bekommen, bitte um Update"),
    ],
)
def test_the_language_of_the_body_counts_and_not_greetings_or_product_names(lang: str, text: str) -> None:
    assert find(text)[0] == lang


@pytest.mark.parametrize(
    "text", ["", "   \n", "4471 220 19", "👍👍", "???", "https://shop.example/o/1", "a@b.example", "\x00"]
)
def test_a_text_without_words_has_the_language_of_its_writer(text: str) -> None:
    assert find(text, "lv-LV") == ("lv", "locale")
    assert find(text, "", ("tr",)) == ("tr", "locale")
    assert find(text) == UNKNOWN


@pytest.mark.parametrize("text", ["Jānis Bērziņš", "Maria Garcia Lopez", "Ahmet Yılmaz", "Samsung Galaxy"])
def test_names_have_no_language_of_their_own(text: str) -> None:
    assert find(text, "en-GB") == ("en", "locale")
    assert find(text) == UNKNOWN


@pytest.mark.parametrize("text", ["hm", "Bosch", "ok ok", "B-Ware"])
def test_what_is_too_short_to_tell_is_left_to_the_locale(text: str) -> None:
    assert find(text, "de") == ("de", "locale")


def test_a_locale_in_another_script_is_not_believed() -> None:
    assert find("xk qd", "ar")[0] != "ar"
    assert find("где деньги", "en")[0] != "en"


@pytest.mark.parametrize(
    ("code", "base"),
    [
        ("pt-BR", "pt"),
        ("nb", "no"),
        ("nn-NO", "no"),
        ("zh_CN", "zh"),
        ("EN", "en"),
        ("", ""),
        ("english", ""),
        ("?", ""),
    ],
)
def test_a_locale_is_brought_to_its_language(code: str, base: str) -> None:
    assert base_language(code) == base


def test_without_the_table_of_small_words_it_still_works() -> None:
    found = find_language("Je n'ai toujours rien reçu", locale="", account_languages=SEVEN, supported=SEVEN)
    assert found == ("fr", "detector")


def test_the_detector_is_loaded_only_when_a_text_needs_it() -> None:
    program = (
        "import sys, plugin.domain.language as l, plugin.languages.marks as m\n"
        "c = m.load_common_words()\n"
        "say = lambda t: l.find_language(t, locale='', account_languages=('en',), supported=('en',), common=c)\n"
        "assert say('where is the parcel that I have ordered') == ('en', 'detector')\n"
        "assert say('أين طلبي')[0] == 'ar'\n"
        "assert not {'py3langid', 'numpy'} & set(sys.modules)\n"
        "say('Tilaukseni puuttuu edelleen')\n"
        "assert 'py3langid' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_many_threads_get_the_same_answers() -> None:
    texts = [text for _, text in MESSAGES + FOREIGN] * 5
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(find, texts)) == [find(text) for text in texts]


@pytest.mark.parametrize("unit", ["wort ", "x", " ", "a@", "@", "é", "د", "1a", "\n"])
def test_a_huge_text_costs_no_more_than_a_page(unit: str) -> None:
    find("Tilaukseni puuttuu edelleen")  # the detector is loaded before the clock starts
    page, huge = (unit * (size // len(unit)) for size in (20_000, 1_000_000))
    find(page)  # whatever is loaded once is loaded before the count
    assert steps(lambda: find(huge)) < 5 * steps(lambda: find(page)) + 100
