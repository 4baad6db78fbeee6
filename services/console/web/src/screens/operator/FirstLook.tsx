import { useState } from "preact/hooks";
import { api, type Schemas } from "../../api/client";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import type { Wish } from "../../components/wish";
import { said, t } from "../../i18n/texts";
import { clock, moment } from "../../i18n/times";
import { agencyName, asWritten } from "../names";
import { guidance } from "./desk";
import type { Closed, OpenCall } from "./workspace";

type Block = Schemas["KnownBlockOut"];

/** The words of a type, or its code. */
export function typeName(code: string | null | undefined): string {
  if (!code) return t("type.none");
  return said(guidance.value?.incident_types.find((type) => type.code === code)?.label) || asWritten(code);
}

/** What is known of the number and of the place: open incidents first. */
export function FirstLook({ open }: { open: OpenCall }) {
  const [reopening, setReopening] = useState<Closed | null>(null);
  const [disputed, setDisputed] = useState<Block | null>(null);
  const look = open.look.value;
  if (look === null) return null;
  const history = look.call.history;
  // What this call itself has opened is no news of the number.
  const isAnother = ({ id }: { id: string }) => id !== open.incident.value?.id;
  return (
    <div class="chips">
      {look.protected && (
        <strong class="chip" data-kind="urgent">
          {t("look.protected")}
        </strong>
      )}
      {look.contact.contact_note && (
        <strong class="chip any-text" data-kind="urgent">
          {t("look.contact", { note: look.contact.contact_note })}
        </strong>
      )}
      {look.contact.declined && (
        <strong class="chip" data-kind="urgent">
          {t("look.declined")}
        </strong>
      )}
      {look.of_number.filter(isAnother).map((incident) => (
        <span key={incident.id} class="chip" data-kind="urgent">
          {t("look.again", { number: incident.number ?? "", type: typeName(incident.incident_type) })}
        </span>
      ))}
      {look.closed_lately.map((closed) => (
        <Button key={closed.id} onClick={() => setReopening(closed)}>
          {t("look.closed", {
            number: closed.number ?? t("look.a_protected"),
            type: closed.incident_type ? typeName(closed.incident_type) : "",
            at: closed.closed_at ? clock(closed.closed_at, false) : "",
          })}
        </Button>
      ))}
      {look.near
        .filter(isAnother)
        .slice(0, 3)
        .map((incident) => (
          <span key={incident.id} class="chip">
            {t("look.near", {
              number: incident.number ?? "",
              type: typeName(incident.incident_type),
              metres: Math.round(incident.metres ?? 0),
            })}
          </span>
        ))}
      {look.blocks.map((block) => (
        <span key={block.id} class="row">
          <span class="chip">
            {blockInWords(block)}
            {block.appealed_at && ` · ${t("look.appealed", { at: moment(block.appealed_at) })}`}
          </span>
          {mayBeDisputed(block) && <Button onClick={() => setDisputed(block)}>{t("look.appeal")}</Button>}
        </span>
      ))}
      {look.on_the_line.map((other) => (
        <bdi key={other.id} class="chip">
          {t("look.on_the_line", { operator: other.operator ?? "" })}
        </bdi>
      ))}
      {history && history.count > 0 && (
        <span class="chip">
          {t("look.history", { count: history.count })}
          {Object.entries(history.by_class).map(([name, count]) => ` · ${className(name)} ${count}`)}
        </span>
      )}
      {look.referrals.map((one) => (
        <span key={one.id} class="chip any-text">
          {one.answer && one.answered_at
            ? t("look.referral_answered", {
                number: one.number,
                answer: one.answer,
                at: clock(one.answered_at, false),
              })
            : t(one.is_open ? "look.referral_open" : "look.referral_closed", {
                number: one.number,
                to: one.to ? agencyName(one.to) : t("referral.desk"),
              })}
        </span>
      ))}
      {look.earlier[0] && (
        <span class="small quiet any-text">
          {t("look.last", { at: clock(look.earlier[0].received_at, false) })}{" "}
          {look.earlier[0].state === "screened" ? t("dossier.screened") : className(look.earlier[0].call_class)}{" "}
          {look.earlier[0].notes.at(-1)?.text.slice(0, 120)}
        </span>
      )}
      {disputed && <Ask wish={appealWish(open, disputed)} onClose={() => setDisputed(null)} />}
      {reopening && <Ask wish={reopenWish(open, reopening)} onClose={() => setReopening(null)} />}
      {history?.count === 0 && <span class="small quiet">{t("look.first_call")}</span>}
    </div>
  );
}

/** Whether the caller can dispute the block: it is not over. */
function mayBeDisputed({ state }: Block): boolean {
  return state === "proposed" || state === "active";
}

/** Notes what the caller says against the block; a supervisor reviews it at once. */
function appealWish(open: OpenCall, block: Block): Wish {
  const path = { block_id: block.id };
  return {
    about: `block ${block.id} appeals`,
    title: t("look.appeal_title"),
    go: t("block.appeals_do"),
    inputs: [
      { name: "text", label: t("block.appeal_text"), required: true, lines: true, note: t("look.appeal_about") },
    ],
    refresh: () => open.readLook(),
    whenDone: () => open.readLook(),
    send: ({ text = "" }, header) =>
      api.POST("/v1/blocks/{block_id}/appeals", { params: { path, header }, body: { text } }),
  };
}

/** A block as it is now. One that is neither proposed nor active stood when the call arrived. */
function blockInWords(block: Block): string {
  if (block.state === "proposed") return t("look.block_proposed", { at: moment(block.decide_by) });
  if (block.state === "active") return t("look.block_active", { at: block.ends_at ? moment(block.ends_at) : "" });
  const over = { at: block.over_at ? moment(block.over_at) : "" };
  return t(block.state === "lifted" ? "look.block_lifted" : "look.block_ended", over);
}

/** The dialog before a closed incident is reopened: its agencies are told at once. */
function reopenWish(open: OpenCall, closed: Closed): Wish {
  return {
    about: `${closed.id} reopen`,
    title: t("look.reopen", { number: closed.number ?? t("look.a_protected") }),
    go: t("look.reopen_do"),
    inputs: [],
    send: async (_, header) => {
      const answer = await open.reopen(closed, header);
      if (answer.response.ok) void open.belongTo(closed);
      return answer;
    },
  };
}

export function className(code: string | null | undefined): string {
  return said(guidance.value?.classes.find((one) => one.code === code)?.label) || (code ?? "");
}
