"""Problem documents (RFC 9457), which answer a request that fails. The exceptions are in core.errors."""

from sigap_common.http.problems.accept import refuse_unacceptable
from sigap_common.http.problems.documents import install, problem_response, refuse_oversized
from sigap_common.http.problems.openapi import MEDIA_TYPE, problems
from sigap_common.http.problems.paths import no_such_path, paths_of
from sigap_common.http.problems.query import refuse_unknown_parameters

__all__ = [
    "MEDIA_TYPE",
    "install",
    "no_such_path",
    "paths_of",
    "problem_response",
    "problems",
    "refuse_oversized",
    "refuse_unacceptable",
    "refuse_unknown_parameters",
]
