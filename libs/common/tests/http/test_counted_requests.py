from sigap_testing.kit import Kit


async def test_made_up_methods_are_counted_together(kit: Kit) -> None:
    """A label is kept for ever: a client could fill the memory with methods."""
    for number in range(20):
        await kit.client.request(f"ODD{number}", "/v1/nowhere")
    metrics = (await kit.client.get("/metrics")).text
    (line,) = [line for line in metrics.splitlines() if 'method="other"' in line and "requests_total" in line]
    assert line.endswith(" 20.0")
    assert "ODD" not in metrics
