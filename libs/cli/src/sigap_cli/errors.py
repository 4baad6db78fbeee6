"""The expected errors of commands."""

from typing import Any


class Failed(Exception):
    """The command did not reach its goal. The message says why."""


class Unreachable(Exception):
    """No service answers at the URL, or the service is not ready."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"Nothing answers at {url} ({reason}). Is it running? `sigap up` starts it; --url says where.")
        self.url = url


class Refused(Exception):
    """A service refused the request. `document` is the answer, usually a problem document (RFC 9457)."""

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
    """The pointer into the body, or the parameter."""
    return str(error.get("pointer", error.get("parameter", "")))
