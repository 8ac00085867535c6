"""The language of an answer, by Accept-Language (RFC 9110): zh-CN unless English is preferred."""

from functools import lru_cache

from domain.core.refusals import Language


@lru_cache(maxsize=256)
def language_of(header: str | None) -> Language:
    best, language = 0.0, Language.ZH
    for part in (header or "").split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        primary = tag.split("-", 1)[0].lower()
        if primary not in {"zh", "en"}:
            continue
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            continue
        if quality > best:
            best, language = quality, Language.EN if primary == "en" else Language.ZH
    return language
