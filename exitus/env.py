"""Reads of the environment, shared by settings, supervisor and tests. No Django here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit, urlunsplit

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


def env(name: str, default: str = "") -> str:
    """`NAME`, else the contents of the file `NAME_FILE` names (container secrets)."""
    value = os.environ.get(name)
    if value:
        return value
    file = os.environ.get(f"{name}_FILE")
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    return default


def flag(name: str, default: bool) -> bool:
    """A yes/no variable; anything but a known spelling is an error, never a silent default."""
    value = env(name).strip().lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ValueError(f"{name} must be 1 or 0, not {value!r}")


def data_dir() -> Path:
    """Where the embedded servers, the secret key and uploaded files live."""
    return Path(os.environ.get("EXITUS_DATA_DIR") or BASE_DIR / ".exitus").expanduser().absolute()


def host() -> str:
    """The address gunicorn binds."""
    return os.environ.get("HOST") or "127.0.0.1"


def port() -> int:
    """The port gunicorn binds."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"exitus: PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def on_loopback() -> bool:
    """Whether only this machine can reach the web server."""
    return host() in LOOPBACK


def secret_key(directory: Path) -> str:
    """`SECRET_KEY`, else the one kept in the data directory, made at first need (mode 0600)."""
    value = env("SECRET_KEY")
    if value:
        return value
    file = directory / "secret_key"
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        directory.mkdir(parents=True, exist_ok=True)
    value = secrets.token_urlsafe(50)
    # Written aside and linked: two processes starting at once must end with the same key.
    draft = directory / f".secret_key.{os.getpid()}"
    draft.write_text(value, encoding="ascii")
    draft.chmod(0o600)
    try:
        os.link(draft, file)
    except FileExistsError:
        value = file.read_text(encoding="ascii").strip()
    finally:
        draft.unlink()
    return value


def database_config(url: str) -> dict[str, Any]:
    """Django's settings for `postgresql://user:password@host:port/name?host=/socket/dir`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL must be postgresql://..., not {parts.scheme}://")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "exitus.postgres",
        "NAME": unquote(parts.path.lstrip("/")) or "exitus",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or env("DATABASE_PASSWORD"),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query,
    }


def database_named(url: str, name: str) -> str:
    """The same server's other database."""
    before, slash, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}{slash}{query}"


def redis_database(url: str, database: int) -> str:
    """The same server's other numbered database."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        # Not urlunsplit: it drops the empty host's slashes for schemes it does not know.
        return f"unix://{parts.path}?{urlencode({**query, 'db': database})}"
    return urlunsplit(parts._replace(path=f"/{database}"))


def redis_number(url: str) -> int:
    """The numbered database a Redis URL points to."""
    parts = urlsplit(url)
    text = parse_qs(parts.query).get("db", ["0"])[-1] if parts.scheme == "unix" else parts.path
    return int(text.strip("/") or 0)


def broker_url(url: str) -> str:
    """The same Redis in kombu's spelling (`redis+socket://` for sockets)."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host={redis_number(url)}"
    return url
