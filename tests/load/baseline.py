"""The bare baseline: FastAPI and asyncpg, one insert a request, nothing else. Measured in the same run."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

DSN = os.environ["BASELINE_DSN"]
state: dict[str, asyncpg.Pool] = {}


class Call(BaseModel):
    regency: str
    channel: str
    number: str


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    state["pool"] = await asyncpg.create_pool(DSN, min_size=5, max_size=5)
    await state["pool"].execute(
        "CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, regency text, channel text, number text)"
    )
    yield
    await state["pool"].close()


app = FastAPI(lifespan=lifespan)


@app.post("/v1/calls", status_code=201)
async def receive(call: Call) -> dict[str, int]:
    query = "INSERT INTO bare (regency, channel, number) VALUES ($1, $2, $3) RETURNING id"
    return {"id": await state["pool"].fetchval(query, call.regency, call.channel, call.number)}


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["BASELINE_PORT"]), log_level="warning", access_log=False, loop="uvloop")
