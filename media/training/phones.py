"""How each word sounds, so that the ear can be taught sounds before it is taught words."""

from __future__ import annotations

import re

_TABLE = """
a AH; about AH B AW T; acme AE K M IY; afternoon AE F T ER N UW N; agenda AH JH EH N D AH; agree AH G R
IY; ana AA N AH; approve AH P R UW V; at AE T; ben B EH N; book B UH K; budget B AH JH IH T; by B AY;
call K AO L; can K AE N; chloe K L OW IY; close K L OW Z; contoso K AH N T OW S OW; contract K AA N T R
AE K T; david D EY V IH D; decide D IH S AY D; decided D IH S AY D IH D; did D IH D; eighty EY T IY;
eleven IH L EH V AH N; emma EH M AH; euros Y UW R OW Z; everyone EH V R IY W AH N; farid F AH R IY D;
fifty F IH F T IY; five F AY V; for F AO R; forty F AO R T IY; four F AO R; friday F R AY D IY; from F R
AH M; globex G L OW B AH K S; good G UH D; grace G R EY S; has HH AE Z; have HH AE V; hear HH IY R; hello
HH AH L OW; hugo HH Y UW G OW; hundred HH AH N D R AH D; i AY; in IH N; invoice IH N V OY S; is IH Z;
kitchen K IH CH AH N; large L AA R JH; let L EH T; library L AY B R EH R IY; me M IY; meet M IY T;
meeting M IY T IH NG; monday M AH N D IY; morning M AO R N IH NG; move M UW V; new N UW; next N EH K S T;
nine N AY N; ninety N AY N T IY; no N OW; northwind N AO R TH W IH N D; of AH V; office AO F IH S; okay
OW K EY; on AA N; one W AH N; open OW P AH N; pay P EY; please P L IY Z; prepare P R IY P EH R; question
K W EH S CH AH N; release R IY L IY S; remind R IY M AY N D; report R IY P AO R T; review R IY V Y UW;
room R UW M; say S EY; see S IY; send S EH N D; seventy S EH V AH N T IY; show SH OW; sign S AY N; sixty
S IH K S T IY; slides S L AY D Z; small S M AO L; start S T AA R T; starts S T AA R T S; ten T EH N;
thank TH AE NG K; the DH AH; thirty TH ER D IY; three TH R IY; thursday TH ER Z D EY; to T UW; today T AH
D EY; tomorrow T AH M AA R OW; tuesday T UW Z D IY; twenty T W EH N T IY; two T UW; us AH S; we W IY;
website W EH B S AY T; wednesday W EH N Z D IY; week W IY K; what W AH T; when W EH N; where W EH R; who
HH UW; will W IH L; with W IH DH; workshop W ER K SH AA P; yeah Y AE AH; yes Y EH S; you Y UW
"""

SOUNDS: dict[str, tuple[str, ...]] = {
    word: tuple(sounds) for word, *sounds in (entry.split() for entry in _TABLE.split(";"))
}
"""The sounds of every word that can be said, as in the CMU dictionary without stress."""
NAMES = ("", *sorted({sound for sounds in SOUNDS.values() for sound in sounds}))
"""All sounds; number 0 is none."""


def numbers(text: str) -> list[int]:
    """The sounds of a sentence, as places in `NAMES`."""
    return [NAMES.index(sound) for word in re.findall(r"[a-z']+", text.lower()) for sound in SOUNDS[word]]
