"""The topics. Each is written by the service named beside it; the key is the aggregate's id."""

REGENCIES = "sigap.regencies"  # dispatch; compacted, key = regency
REGENCY_ANSWERS = "sigap.regency-answers"  # every service; key = regency/service
CALLS = "sigap.calls"  # intake
INCIDENTS = "sigap.incidents"  # dispatch
AGENCIES = "sigap.agencies"  # agency-gateway
ROSTERS = "sigap.rosters"  # roster
