"""From bytes to text: MSH-18 first, then UTF-8, then 8859/1, which reads anything."""

from __future__ import annotations

import re

# HL7 table 0211, and what devices write instead of it.
_CODECS = {
    "ASCII": "ascii",
    "UNICODE UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "ISO IR6": "ascii",
    "ISO IR14": "shift_jis",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
}
_ISO_8859 = re.compile(r"(?:ISO[ -]?)?8859[/-](\d{1,2})\Z")
FALLBACKS = ("utf-8", "latin-1")


def codec_for(declared: str) -> str | None:
    """Python's codec for the first repetition of MSH-18; None when empty or unknown."""
    name = declared.strip().upper()
    if name in _CODECS:
        return _CODECS[name]
    match = _ISO_8859.match(name)
    if match and 1 <= int(match[1]) <= 16 and int(match[1]) != 12:
        return f"iso8859_{int(match[1])}"
    return None


def decode(raw: bytes, declared: str) -> tuple[str, str]:
    """(text, codec used). Never raises: 8859/1 maps every byte."""
    wanted = codec_for(declared)
    for codec in (wanted, *FALLBACKS) if wanted else FALLBACKS:
        try:
            return raw.decode(codec), codec
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), "latin-1"
