import type { ComponentType } from "preact";
import type { Schemas } from "../api/client";
import type { Text } from "../i18n/texts";
import { OperatorDesk } from "./operator/OperatorDesk";

export interface Screen {
  name: string;
  title: Text;
  /** The roles that work at it. */
  roles: readonly Schemas["Role"][];
  component: ComponentType;
}

/** Every screen. Who has the roles of several chooses; the first is shown at first. */
export const SCREENS: readonly Screen[] = [
  { name: "operator", title: "screen.operator", roles: ["operator", "supervisor"], component: OperatorDesk },
];

export function screensFor(roles: readonly string[]): Screen[] {
  return SCREENS.filter((screen) => screen.roles.some((role) => roles.includes(role)));
}
