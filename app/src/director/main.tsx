// The director's window: the bridge to its program, the desk, the keys, the page.

import { browserWorld } from "../client/world";
import { draw } from "../ui/page";
import { programBridge } from "./bridge";
import { DeskContext, type Lent } from "./context";
import { DirectorPage } from "./DirectorPage";
import { Desk } from "./desk";
import { hear } from "./hear";
import { Pictures } from "./pictures";
import "./director.css";

const bridge = programBridge();
const world = browserWorld();
const desk = new Desk(bridge, world);
const pictures = new Pictures(bridge, world);
const lent: Lent = { desk, pictures };
hear(desk);
pictures.start();
draw(
  <DeskContext value={lent}>
    <DirectorPage />
  </DeskContext>,
);
