import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import type { Wish } from "../../components/wish";
import { t } from "../../i18n/texts";

interface Props<Offer> {
  offers: readonly Offer[];
  /** The words of the button that accepts. */
  go: string;
  accept: (one: Offer) => Promise<void>;
  refuseWish: (one: Offer) => Wish;
  /** What is shown of an offer. */
  children: (one: Offer) => ComponentChildren;
}

/** What other regencies offer to this one, each to be accepted or refused. */
export function OffersToUs<Offer extends { id: string }>({ offers, go, accept, refuseWish, children }: Props<Offer>) {
  const [refusing, setRefusing] = useState<Offer | null>(null);
  return (
    <>
      {offers.map((one) => (
        <div key={one.id} class="entry column">
          {children(one)}
          <div class="row">
            <Button kind="main" onClick={() => void accept(one)}>
              {go}
            </Button>
            <Button onClick={() => setRefusing(one)}>{t("transfer.refuse")}</Button>
          </div>
        </div>
      ))}
      {refusing && <Ask wish={refuseWish(refusing)} onClose={() => setRefusing(null)} />}
    </>
  );
}
