"""Finds one address for every page of the role file by following links, as each role in turn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from html import unescape
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import APIRequestContext

from interlude.config import access

LINK = re.compile(r'(?:href|data-src|action)="(/[^"#]*)')
EACH = 3  # so many addresses of one name are read for their links: patients at different stages link to other pages


def name_of(path: str) -> str:
    """The URL name of an address, or nothing for static files and addresses that lead nowhere."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""


def names_for(role: str) -> set[str]:
    """Every address that this role may GET."""
    groups = {role, "portal"} if role == "portal" else {role, "staff", "public"}
    return {name for name, row in access.rules().items() if groups & set(row.get("GET", ()))}


def crawl(
    request: APIRequestContext,
    start: Sequence[str],
    wanted: set[str],
) -> dict[str, str]:
    """URL name -> the first address of it that is a whole page. The pages of `start` are read in any case."""
    queue, seen = list(start), set(start)
    read: Counter[str] = Counter()
    pages: dict[str, str] = {}
    while queue:
        path = queue.pop(0)
        name = name_of(path)
        if (name not in wanted and path not in start) or read[name] >= EACH:
            continue
        read[name] += 1
        answer = request.get(path, max_redirects=0)
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        text = answer.text()
        if "<html" not in text:
            continue
        if name in wanted:
            pages.setdefault(name, path)
        for link in map(unescape, LINK.findall(text)):
            if link not in seen:
                seen.add(link)
                queue.append(link)
    return pages
