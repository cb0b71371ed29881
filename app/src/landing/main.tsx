// The front page: `/`. It starts things.

import { draw, entranceOfThisPage } from "../ui/page";
import { Landing } from "./Landing";

draw(<Landing entrance={entranceOfThisPage()} />);
