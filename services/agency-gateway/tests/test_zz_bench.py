import asyncio, os, sys, time, cProfile, pstats
sys.path.insert(0, "/work/main/services/agency-gateway/tests")
import pytest
from uuid import UUID
from gateway_histories import *
from sigap_agency_gateway.courier import Courier
from sigap_agency_gateway.main import service
from sigap_common.testing.kit import started
from sigap_common.testing.receiver import Receiver
from sigap_common.bus import Delivered
from sigap_common.envelope import Envelope, Message
from sigap_common.contracts import type_name

N = 400
def cpu(): return time.process_time()

async def test_bench(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)
    async with Receiver() as receiver, started(service, database_url, tmp_path, settings=__import__("sigap_agency_gateway.settings").settings.GatewaySettings(deliveries_at_once_per_endpoint=32)) as kit:
        await kit.configure(a_pack(receiver.url))
        ms = []
        for n in range(N):
            event = forwarded(UUID(int=FIRST.int + n))
            subject = str(UUID(int=INCIDENT.int - n))
            env = Envelope(id=kit.runtime.ids(), source="dispatch", type=type_name(type(event)), subject=subject, time=event.recorded_at, regency="99.01", sequence=1, correlationid=kit.runtime.ids(), partitionkey=str(n))
            ms.append(Message(event.topic, str(n), env, event.model_dump_json(context={"seal": kit.runtime.seal_context(subject)}).encode()))
        c, w = cpu(), time.perf_counter()
        for i in range(0, N, 20):
            await kit.runtime.consumer.hear([Delivered(m, m.topic, 0, i + k + 1) for k, m in enumerate(ms[i:i+20])])
        print("\ntake in: cpu ms each", (cpu() - c) / N * 1000, "wall", (time.perf_counter() - w) / N * 1000)
        courier = Courier(kit.runtime)
        prof = cProfile.Profile() if os.environ.get("PROF") else None
        c, w = cpu(), time.perf_counter()
        if prof: prof.enable()
        async def go():
            run = asyncio.create_task(courier.run())
            t0 = time.time()
            while True:
                if time.time() - t0 > 25:
                    async with kit.runtime.database.read() as cx:
                        from sigap_agency_gateway.models import deliveries as D, attempts as A
                        from sqlalchemy import select, func
                        print((await cx.execute(select(D.c.state, D.c.error, D.c.attempts, D.c.due_at, func.count()).group_by(D.c.state, D.c.error, D.c.attempts, D.c.due_at))).all())
                        print((await cx.execute(select(A.c.status, A.c.error, func.count()).group_by(A.c.status, A.c.error))).all())
                        print(len(receiver.received), len(courier._in_flight), courier._crowded)
                    break
                async with kit.runtime.view() as v:
                    if (await v.deliveries.next_look()).due_at is None: break
                await asyncio.sleep(0.2)
            run.cancel(); await asyncio.gather(run, return_exceptions=True)
        kit.runtime.settings.__class__
        await go()
        if prof:
            prof.disable(); pstats.Stats(prof).sort_stats("tottime").print_stats(22)
        print("deliver: cpu ms each", (cpu() - c) / N * 1000, "wall", (time.perf_counter() - w) / N * 1000, len(receiver.received))
