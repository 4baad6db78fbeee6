import { render } from "preact";
import { App } from "./App";
import { listenToKeys } from "./keys/keys";
import { untilDone } from "./live/follow";
import { loadSettings } from "./session/session";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/components.css";

listenToKeys();
untilDone(loadSettings);
render(<App />, document.getElementById("app") as HTMLElement);
