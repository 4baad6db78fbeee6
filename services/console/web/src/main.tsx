import { render } from "preact";
import { App } from "./App";
import { listenToKeys } from "./keys/keys";
import { untilDone } from "./live/follow";
import { beginning, comeBack, loadSettings } from "./session/session";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/components.css";

listenToKeys();
const began = beginning();
untilDone(async () => {
  await loadSettings();
  void comeBack(began);
});
render(<App />, document.getElementById("app") as HTMLElement);
