"""Somebody who uses the installation over HTTP."""

from __future__ import annotations

import http.cookiejar
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any

PASSWORD = "a-long-benchmark-passphrase"


class Person:
    """Somebody with a token and a session."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.name = f"bench{uuid.uuid4().hex[:8]}"
        self.api(
            "POST",
            "auth/register/",
            {"username": self.name, "email": f"{self.name}@example.org", "password": PASSWORD},
            token=False,
        )
        answer = self.api(
            "POST", "auth/token/", {"username": self.name, "password": PASSWORD}, token=False
        )
        self.token = answer["access"]
        self.workspace = self.api("GET", "workspaces/")["results"][0]["id"]

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        """One request; an error answer ends the benchmark with its text."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=body, method=method, headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read()[:500]!r}") from error

    def api(self, method: str, path: str, body: object = None, *, token: bool = True) -> Any:
        """One JSON request."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self.request(method, f"/api/v1/{path}", data, headers) or b"null")

    def upload(self, name: str, content: bytes) -> float:
        """Imports a file; seconds until it is applied and the positions are rebuilt."""
        boundary = uuid.uuid4().hex
        parts = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="auto_apply"\r\n\r\ntrue\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        body = parts + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        began = time.perf_counter()
        batch = json.loads(self.request("POST", "/api/v1/imports/", body, headers))
        while True:
            batch = self.api("GET", f"imports/{batch['id']}/")
            if batch["status"] == "applied":
                break
            if batch["status"] in {"failed", "parsed"} and time.perf_counter() - began > 60:
                raise SystemExit(f"import of {name}: {batch}")
            time.sleep(0.05)
        self.settled(began)
        return time.perf_counter() - began

    def settled(self, began: float) -> None:
        """Waits until the derived figures are those of the ledger."""
        while self.api("GET", "dashboard/")["is_stale"]:
            if time.perf_counter() - began > 120:
                raise SystemExit("the positions were not rebuilt within two minutes")
            time.sleep(0.02)

    def followed(self, path: str, began: float) -> float:
        """Waits until an endpoint tells of the ledger as it is; seconds since ``began``."""
        while True:
            answer = self.api("GET", path)
            # An answer still being made says how far it is, and nothing of its age.
            if answer.get("is_stale") is False:
                return time.perf_counter() - began
            if time.perf_counter() - began > 180:
                raise SystemExit(f"{path} did not follow the ledger within three minutes")
            time.sleep(0.02)

    def ready(self, path: str) -> None:
        """Waits until every web process answers: an emptied cache has its figures made again."""
        together, began = 0, time.perf_counter()
        while together < 30:
            together = 0 if self.api("GET", path).get("status") == "building" else together + 1
            if time.perf_counter() - began > 180:
                raise SystemExit(f"{path} was not built within three minutes")
            time.sleep(0.02)

    def held(self) -> list[str]:
        """Ids of the assets held."""
        found = self.api("GET", "positions/")
        return [str(each["asset"]) for each in found["results"] if each["quantity"] != "0"]

    def cookies(self) -> str:
        """A session, as a browser has it."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        login = f"http://127.0.0.1:{self.port}/conta/login/"
        opener.open(login).read()
        token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
        form = {"login": self.name, "password": PASSWORD, "csrfmiddlewaretoken": token or ""}
        opener.open(login, urllib.parse.urlencode(form).encode()).read()
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
