import { render } from "preact";
import { App } from "./App";
import { listenToKeys } from "./keys/keys";
import { loadSettings } from "./session/session";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/components.css";

listenToKeys();
void loadSettings();
render(<App />, document.getElementById("app") as HTMLElement);
