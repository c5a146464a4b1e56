"""Somebody at a browser: what people do on many pages, and a record of what went wrong."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

from tests.browser.site import Site

PASSWORD = "correct horse battery"
expect.set_options(timeout=20_000)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Visitor:
    """One browser profile."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context = context
        self.site = site
        self.problems: list[str] = []
        self.name = ""
        self.workspace = ""
        # A policy's violation is an error of the console too.
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("request", self._request)
        self.page: Page = context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            place = message.location.get("url", "")
            self.problems.append(f"console: {message.text} ({place})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.site.url).netloc:
            self.problems.append(f"asked another host: {request.url}")

    def forgive(self, text: str) -> None:
        """Takes an expected message (a refused form's status) off the record; it must be there."""
        found = [problem for problem in self.problems if text in problem]
        assert found, (text, self.problems)
        for problem in found:
            self.problems.remove(problem)

    # Going ------------------------------------------------------------------------------------

    def go(self, path: str = "") -> Page:
        """Opens an address below the workspace (or, with a leading slash, of the site)."""
        address = path if path.startswith("/") else f"/w/{self.workspace}/{path}"
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status < 400, (address, answer.status)
        return self.page

    def remember_workspace(self) -> str:
        """Reads the workspace from the address of the page."""
        self.page.wait_for_url(re.compile(r"/w/[0-9a-f-]{36}/"))
        self.workspace = self.page.url.split("/w/")[1].split("/")[0]
        return self.workspace

    # People -----------------------------------------------------------------------------------

    def sign_up(self, name: str = "") -> None:
        """Makes an account through the form; ends on the first page of the new workspace."""
        self.name = name or f"pessoa{secrets.token_hex(4)}"
        page = self.go("/conta/signup/")
        page.get_by_label("Nome de usuário").fill(self.name)
        page.get_by_label(re.compile("^E-?mail$")).fill(f"{self.name}@example.org")
        page.get_by_label("Senha", exact=True).fill(PASSWORD)
        page.get_by_label("Senha (novamente)").fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Criar conta").click()
        self.remember_workspace()

    def open_demo(self) -> None:
        """Signs in as the demonstration, from the front door."""
        page = self.go("/")
        page.get_by_role("button", name="Ver a demonstração").click()
        self.remember_workspace()
        self.settle()

    # Waiting ----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Waits until the worker has built what the page says is being recalculated."""
        stale = self.page.get_by_text("recalculando")
        expect(stale.first).to_be_hidden(timeout=40_000)

    # Work -------------------------------------------------------------------------------------

    def upload(self, *files: tuple[str, bytes], path: str = "importar/") -> Page:
        """Hands files in and waits until the worker has read them."""
        page = self.go(path)
        page.locator('input[type="file"]').set_input_files(
            [{"name": name, "mimeType": XLSX, "buffer": data} for name, data in files]
        )
        page.locator("main form.card button").first.click()
        page.wait_for_url(re.compile(r"/(importar|conciliacao)/"))
        return page

    def positions(self, query: str = "") -> dict[str, dict[str, str]]:
        """The table of positions by ticker, as the page writes it."""
        self.go(f"carteira/{query}")
        rows: Sequence[dict[str, Any]] = self.page.locator("main table.sticky-col").evaluate_all(
            """tables => tables.flatMap(table => {
              const heads = [...table.tHead.rows[0].cells].map(c => c.innerText.trim());
              return [...table.tBodies[0].rows].filter(r => !r.classList.contains('group'))
                .map(row => Object.fromEntries([...row.cells].map((cell, i) =>
                  [heads[i], cell.querySelector('a')?.innerText.trim()
                    ?? cell.innerText.trim().split('\\n')[0]])));
            })"""
        )
        return {row["Ativo"]: row for row in rows}

    def download(self, locator: Any, folder: Path) -> bytes:
        """Clicks a link and returns the file it gives."""
        with self.page.expect_download() as waiting:
            locator.click()
        target = folder / waiting.value.suggested_filename
        waiting.value.save_as(target)
        return target.read_bytes()
