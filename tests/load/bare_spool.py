"""The bare baseline of the spool: FastAPI, one line appended to a file and synced a request, nothing else."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from fastapi import FastAPI, Request

FILE = os.open(os.environ["BASELINE_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
DISK = ThreadPoolExecutor(1)

app = FastAPI()


def _append(line: bytes) -> None:
    os.write(FILE, line)
    os.fdatasync(FILE)


@app.post("/v1/cti/generic", status_code=202)
async def hear(request: Request) -> dict[str, int]:
    body = await request.body()
    await asyncio.get_running_loop().run_in_executor(DISK, _append, body + b"\n")
    return {"kept": 1}


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["BASELINE_PORT"]), log_level="warning", access_log=False, loop="uvloop")
