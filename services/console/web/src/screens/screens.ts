import type { ComponentType } from "preact";
import type { Schemas } from "../api/client";
import type { Text } from "../i18n/texts";
import { AgencyDesk } from "./agency/AgencyDesk";
import { DispatcherBoard } from "./dispatcher/DispatcherBoard";
import { LeaderScreen } from "./leader/LeaderScreen";
import { OperatorDesk } from "./operator/OperatorDesk";

export interface Screen {
  name: string;
  title: Text;
  /** The roles that work at it. */
  roles: readonly Schemas["Role"][];
  component: ComponentType;
  /** Whether a person who opens it is signed on in the room. */
  signsOn: boolean;
  /** Whether it sounds when somebody is needed. */
  sounds: boolean;
}

/** All screens. A person whose roles have several chooses one of them, and sees the first until then. */
const SCREENS: readonly Screen[] = [
  {
    name: "leader",
    title: "screen.leader",
    roles: ["supervisor"],
    component: LeaderScreen,
    signsOn: false,
    sounds: true,
  },
  {
    name: "operator",
    title: "screen.operator",
    roles: ["operator", "supervisor"],
    component: OperatorDesk,
    signsOn: true,
    sounds: true,
  },
  {
    name: "dispatcher",
    title: "screen.dispatcher",
    roles: ["dispatcher", "supervisor"],
    component: DispatcherBoard,
    signsOn: true,
    sounds: true,
  },
  { name: "agency", title: "screen.agency", roles: ["agency"], component: AgencyDesk, signsOn: false, sounds: false },
];

export function screensFor(roles: readonly string[]): Screen[] {
  return SCREENS.filter((screen) => screen.roles.some((role) => roles.includes(role)));
}
