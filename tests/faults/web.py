"""A person at a browser, without the browser: cookies, forms with their token, the live stream."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tests.faults.serving import HOST


@dataclass
class Answer:
    status: int
    body: str
    location: str

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Person:
    """One signed-in person; a connection for each question, as a fresh tab has."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, timeout_s: float = 30) -> Answer:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=timeout_s)
        try:
            response = self._send(connection, method, path, form)
            body = response.read().decode("utf-8", "replace")
            return Answer(response.status, body, response.headers.get("Location", ""))
        finally:
            connection.close()

    def get(self, path: str, timeout_s: float = 30) -> Answer:
        return self.ask("GET", path, timeout_s=timeout_s)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        token = self.cookies.get("csrftoken", "")
        return self.ask("POST", path, {"csrfmiddlewaretoken": token, **form})

    def sign_in(self, username: str, password: str) -> Person:
        self.get("/sign-in")
        answer = self.post("/sign-in", {"username": username, "password": password})
        assert answer.status == 302, re.sub(r"<[^>]+>|\s+", " ", answer.body)[-600:]
        return self

    def welcome(self, path: str, password: str) -> Person:
        """Use a one-time link: it sets the password and signs in."""
        self.get(path)
        answer = self.post(path, {"password": password})
        assert answer.status == 302, answer.body[-600:]
        return self

    def listen(self, topics: str, timeout_s: float = 30) -> http.client.HTTPResponse:
        """The open live stream; its first line has been read."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=timeout_s)
        response = self._send(connection, "GET", f"/live/stream?topics={topics}", None)
        assert response.status == 200
        assert response.readline().startswith(b"data:")
        return response

    def _send(
        self, connection: http.client.HTTPConnection, method: str, path: str, form: dict[str, str] | None
    ) -> http.client.HTTPResponse:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{HOST}:{self.port}"}
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        response = connection.getresponse()
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return response
