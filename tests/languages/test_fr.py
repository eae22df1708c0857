"""What the French pack finds in its own examples, all of them, held rows included: it may not get worse unnoticed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from plugin.domain import commitments, preferences
from plugin.domain.causes import tag_cause
from plugin.domain.ticket import Message, Role
from plugin.languages import load, load_examples
from plugin.languages.taxonomy import load_taxonomy

COMMITMENTS, PREFERENCES, CAUSES = 0.95, 0.94, 0.88
"""Floors a little under what the pack reaches: F1 of promises, F1 of preferences, macro-F1 of causes."""

AT = datetime(2025, 3, 10, 9, 0, tzinfo=UTC)


def said(text: str) -> Message:
    return Message("m", Role.CUSTOMER, AT, text)


def f1(pairs: list[tuple[bool, bool]]) -> float:
    """F1 of (expected, found) pairs."""
    right = sum(expected and found for expected, found in pairs)
    wrong = sum(expected != found for expected, found in pairs)
    return 2 * right / (2 * right + wrong)


def test_promises_are_told_from_the_rest_in_232_french_replies() -> None:
    pack, rows = load("fr"), load_examples("fr", "commitments")
    found = [commitments.label_message(pack.read(row["text"]), pack)[0] for row in rows]
    assert len(rows) == 232
    assert f1([(row["label"] == "F", label == "F") for row, label in zip(rows, found, strict=True)]) >= COMMITMENTS


def test_preferences_are_told_from_the_rest_in_133_french_messages() -> None:
    pack, rows = load("fr"), load_examples("fr", "preferences")
    found = [preferences.label_message(pack.read(r["text"]), said(r["text"]), None, pack, "FR") for r in rows]
    assert len(rows) == 133
    assert f1([(row["label"] == "P", label == "P") for row, label in zip(rows, found, strict=True)]) >= PREFERENCES


def test_causes_are_named_in_121_french_messages() -> None:
    pack, rows, taxonomy = load("fr"), load_examples("fr", "causes"), load_taxonomy()
    right: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for row in rows:
        heard = [(said(row["text"]), pack.read(row["text"]), pack)]
        key = tag_cause(heard, [], [], [], taxonomy, row.get("subject") or "")[0].key
        right.update([key] if key == row["cause"] else [])
        missed.update([] if key == row["cause"] else [key, row["cause"]])
    scores = [2 * right[key] / max(2 * right[key] + missed[key], 1) for key in taxonomy.causes]
    assert len(rows) == 121
    assert sum(scores) / len(scores) >= CAUSES


@pytest.mark.parametrize(
    ("none", "promise"),
    [
        ("Nous vous présentons toutes nos excuses pour l'attente.", "Un technicien se présentera chez vous mardi."),
        ("Je vous présente mes excuses.", "Je vous présenterai le devis mardi à votre domicile."),
        ("Nous partageons votre déception.", "Je partage votre dossier avec l'équipe technique."),
        ("Nous comptons sur vous.", "Nous comptons vous rembourser lundi."),
        ("Je m'appelle Lou et je suis de nuit.", "J'appelle le transporteur demain matin pour votre colis."),
        ("Je vous dis cela de mémoire.", "Je vous dis ça demain."),
        ("Je passe mon tour.", "Je passe chez vous demain à 10 h."),
        ("La ligne 4 rouvrira jeudi.", "Votre ligne sera rouverte jeudi."),
        ("Les expéditions reprendront le 24.", "Votre livraison reprendra le 24."),
        ("Une réunion d'information se tiendra mardi.", "Votre intervention aura lieu mardi."),
        ("Les horaires changeront lundi.", "Un technicien changera votre box lundi."),
        ("On livre le mardi.", "On vous livre mardi."),
        ("On répond le matin.", "On vous répond demain matin."),
        ("Nous livrons sous trois jours.", "Nous vous livrons sous trois jours."),
        ("Votre siège sera attribué à l'enregistrement.", "Votre siège sera attribué demain."),
        ("Il vous sera demandé de choisir un mot de passe.", "Je réinitialise votre mot de passe demain."),
        ("Vous trouverez ci-joint la facture.", "Vous recevrez la facture par mail."),
        ("Votre banque vous enverra un code.", "Notre service comptable vous enverra un avoir."),
        ("Je vous mets en relation avec un conseiller.", "Un conseiller vous mettra en relation avec l'atelier."),
        ("Ne quittez pas, je vous le passe.", "Je vous passe un coup de fil demain."),
        ("Au retour de l'article, je vous rembourse.", "Au retour de mon collègue, je vous rappelle."),
        ("Contre remise de l'ancien, nous vous enverrons le neuf.", "Nous vous enverrons le neuf demain."),
        ("Nous vous rembourserons après le retour du colis.", "Je vous rappelle après la réunion."),
        ("Avez-vous une photo ? Je la ferai suivre.", "Merci pour la photo. Je la ferai suivre."),
        ("Un remboursement sera alors effectué.", "Un remboursement sera effectué demain."),
        ("Les passagers seront informés par affichage.", "Vous serez informé par mail."),
    ],
)
def test_what_only_sounds_like_a_french_promise_is_none_and_its_twin_is_one(none: str, promise: str) -> None:
    pack = load("fr")
    assert commitments.label_message(pack.read(none), pack)[0] != "F"
    assert commitments.label_message(pack.read(promise), pack)[0] == "F"


@pytest.mark.parametrize(
    ("none", "wish"),
    [
        ("Pas de SMS, pas de colis.", "Pas de SMS, un mail suffit."),
        ("Pas d'appel, pas de livraison, rien.", "Pas d'appel, merci."),
        ("Aucun appel du technicien.", "Aucun appel le matin svp."),
        ("sms jamais recu", "Jamais de SMS svp."),
        ("Même pas un SMS.", "Plus de SMS, merci."),
        ("Je n'ai eu aucun appel, aucun mail.", "Je ne veux aucun appel."),
        ("Plus de mails depuis lundi.", "Plus de mails publicitaires s'il vous plaît."),
        ("Il m'a envoyé un SMS à minuit.", "Envoyez-moi un SMS à midi."),
        ("Vous auriez pu envoyer un SMS.", "Vous pouvez m'envoyer un SMS."),
        ("Je vous envoie un mail avec les photos.", "Envoyez-moi un mail avec la facture."),
        ("Je refuse de payer cet appel.", "Je refuse les appels."),
        ("Je ne veux plus de ce téléphone.", "Je ne veux plus d'appels."),
        ("Je ne veux plus de ce forfait.", "Je ne veux plus de démarchage à mon domicile."),
        ("Aucune réponse par mail.", "Une réponse par mail svp."),
    ],
)
def test_what_only_sounds_like_a_french_wish_is_none_and_its_twin_is_one(none: str, wish: str) -> None:
    pack = load("fr")
    assert preferences.label_message(pack.read(none), said(none), None, pack, "FR") != "P"
    assert preferences.label_message(pack.read(wish), said(wish), None, pack, "FR") == "P"
