"""A browser, a site and people for the journeys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from exitus import env
from tests.browser.site import COLLECTED, Site
from tests.browser.visitor import Visitor

SHOTS = env.BASE_DIR / ".pytest_cache" / "browser"  # what the page looked like when a test failed
HERE = Path(__file__).parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--lang=pt-BR"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here is a browser test; `-m "not browser"` leaves them out.

    They come first: one process works through them (see the root's conftest) while others compute.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def chromium() -> str | None:
    """The system's Chromium."""
    named = os.environ.get("EXITUS_CHROMIUM") or os.environ.get("CHROME_PATH")
    if named:
        return named
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


def unable(reason: str) -> None:
    """Skips on a developer's machine; in continuous integration a missing browser is a failure."""
    if os.environ.get("CI", "").lower() in env.TRUE:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys of this process.

    Not of the session: Playwright keeps an event loop running in this thread, and Django refuses
    its ORM beside one, so it must have ended when other tests follow.
    """
    path = chromium()
    if path is None:
        unable("no Chromium: install it or set CHROME_PATH")
    if not (COLLECTED / "staticfiles.json").exists():
        unable("the assets that Chromium would load are not built: run bin/test")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Exitus as bin/run runs it, on this process's own database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    found = Site(tmp_path_factory.mktemp("site"), worker)
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture
def visit(
    browser: Browser, site: Site, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visitor]]:
    """Opens a fresh browser profile; at the end nothing it did may have gone wrong."""
    opened: list[tuple[BrowserContext, Visitor]] = []

    def open_profile(**options: object) -> Visitor:
        settings = {
            "base_url": site.url,
            "locale": "pt-BR",
            "timezone_id": "America/Sao_Paulo",
            "viewport": {"width": 1440, "height": 900},
            "reduced_motion": "reduce",
            **options,
        }
        context = browser.new_context(**settings)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        opened.append((context, Visitor(context, site)))
        return opened[-1][1]

    failed = request.session.testsfailed
    yield open_profile
    problems = []
    for context, visitor in opened:
        problems += visitor.problems
        if request.session.testsfailed > failed:
            SHOTS.mkdir(parents=True, exist_ok=True)
            visitor.page.screenshot(path=SHOTS / f"{request.node.name}.png", full_page=True)
            print(
                visitor.page.url, *(site.log(name)[-3000:] for name in ("web", "worker")), sep="\n"
            )
        context.close()
    assert problems == []


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """Somebody at a desktop."""
    return visit()
