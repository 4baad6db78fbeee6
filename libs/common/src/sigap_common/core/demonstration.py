"""The demonstration: where it may listen, and its warnings.

A demonstration gives a token for every role to everybody who reaches it. So it listens on this machine alone, unless
two settings (SIGAP_HOST and the one below) allow others to reach it.
"""

from ipaddress import ip_address

from sigap_common.core.production import UnsafeSettings
from sigap_common.core.settings import CommonSettings
from sigap_common.core.texts import Texts

BEYOND = "SIGAP_DEMO_BEYOND_LOOPBACK"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address or a host's name; an empty one means every interface."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_open_demonstration(common: CommonSettings) -> None:
    """Raises UnsafeSettings for a demonstration that other machines can reach, unless the second setting allows it."""
    if common.demo and not common.demo_beyond_loopback and not is_loopback(common.host):
        raise UnsafeSettings(
            f"SIGAP_ENVIRONMENT=demo gives every token to everybody, and SIGAP_HOST={common.host} lets other machines "
            f"in. Set SIGAP_ENVIRONMENT=production, or leave SIGAP_HOST at 127.0.0.1. If others shall reach the "
            f"demonstration, set {BEYOND}=true too."
        )


def warnings(common: CommonSettings, published: list[str]) -> list[str]:
    """The warnings that a demonstration logs at its start; none in production."""
    if not common.demo:
        return []
    lines = ["DEMONSTRATION: everybody who reaches this gets a token for every role. Enter no data of real people."]
    if not is_loopback(common.host):
        lines.append(f"DEMONSTRATION: other machines can reach it, at {common.host}:{common.port}.")
    if published:
        lines.append(f"DEMONSTRATION: everybody knows the secrets in {', '.join(sorted(published))}.")
    return lines


def banner() -> str:
    """HTML for the head of every page of a demonstration, in both languages."""
    texts = Texts.load("sigap_common").labels("pages.demonstration")
    sentences = "".join(f'<p lang="{language}" style="margin:4px">{text}</p>' for language, text in texts.items())
    style = "background:#b00020;color:#fff;font:bold 16px sans-serif;padding:8px;text-align:center"
    return f'<div role="alert" style="{style}">{sentences}</div>'
