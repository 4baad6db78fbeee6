"""What can go wrong between the command and the services."""

from typing import Any


class Failed(Exception):
    """What was asked for did not come about; the message says why."""


class Unreachable(Exception):
    """Nobody answers at the address, or what answers is not ready."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"Nothing answers at {url} ({reason}). Is it running? `sigap up` starts it; --url says where.")
        self.url = url


class Refused(Exception):
    """An answer that is a refusal, as a problem document (RFC 9457) if it is one."""

    def __init__(self, status: int, document: Any) -> None:
        problem = document if isinstance(document, dict) else {}
        self.status = status
        self.type = str(problem.get("type", ""))
        self.title = str(problem.get("title") or f"The service answered {status}")
        self.detail = problem.get("detail")
        self.trace_id = problem.get("trace_id")
        self.errors = [(_place(error), str(error.get("detail", ""))) for error in problem.get("errors", ())]
        self.unnamed = max(0, int(problem.get("error_count") or 0) - len(self.errors))
        """Faults beyond those of `errors`."""
        super().__init__(f"{self.title} ({status})" + (f": {self.detail}" if self.detail else ""))

    @property
    def slug(self) -> str:
        return self.type.rpartition("/")[2]


def _place(error: dict[str, Any]) -> str:
    """Where in the body, or which parameter."""
    return str(error.get("pointer", error.get("parameter", "")))
