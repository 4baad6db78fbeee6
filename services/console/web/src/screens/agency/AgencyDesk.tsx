import { useEffect, useState } from "preact/hooks";
import { Ask } from "../../components/Ask";
import { Refusal } from "../../components/Refusal";
import { useSound } from "../../components/sound";
import { t } from "../../i18n/texts";
import { me } from "../../session/session";
import { entitle } from "../title";
import "./agency.css";
import { Card } from "./Card";
import { going, informed, openAgencyDesk, type Part, parts, waiting } from "./desk";
import { declineWish, reportWish } from "./wishes";

/** The agency's screen: what waits for its answer, and what goes on. It fits a telephone. */
export function AgencyDesk() {
  useEffect(openAgencyDesk, []);
  const loud = waiting.value.some((one) => !one.drill);
  const count = waiting.value.length;
  useSound("alarm", loud);
  useEffect(() => {
    entitle(count);
    return () => entitle(0);
  }, [count]);
  const first = waiting.value[0];
  const [asking, setAsking] = useState<Asking | null>(null);
  if (!me.value?.agency) return <p>{t("desk_agency.none")}</p>;
  const card = (part: Part) => (
    <Card key={part.id} part={part} first={part === first} onAsk={(what) => setAsking({ what, part })} />
  );
  return (
    <div class="agency-desk">
      <Refusal />
      {count > 0 && (
        <div role="alert">
          <h2 class="urgent">{t("desk_agency.new", { count })}</h2>
        </div>
      )}
      {/* One list, in which a card stays the same when its part moves on. */}
      {[
        ...waiting.value.map(card),
        <h2 key="going">{t("desk_agency.open", { count: going.value.length })}</h2>,
        going.value.length === 0 && count === 0 && informed.value.length === 0 && (
          <p key="empty" class="quiet">
            {t("desk_agency.empty")}
          </p>
        ),
        ...going.value.map(card),
        informed.value.length > 0 && (
          <div key="informed" class="column">
            <h2>{t("desk_agency.informed", { count: informed.value.length })}</h2>
            <p class="quiet">{t("desk_agency.informed_why")}</p>
          </div>
        ),
        ...informed.value.map(card),
      ]}
      {asking && <Asked asking={asking} onClose={() => setAsking(null)} />}
    </div>
  );
}

interface Asking {
  what: "decline" | "report";
  /** As it was when the person began. */
  part: Part;
}

/** The dialog about a part. It is none of the card's: the card moves to another place when the part changes. */
function Asked({ asking, onClose }: { asking: Asking; onClose: () => void }) {
  const part = parts.value.find((one) => one.id === asking.part.id) ?? asking.part;
  return <Ask wish={asking.what === "report" ? reportWish(part) : declineWish(part)} onClose={onClose} />;
}
