/** The one script of the candidate's pages: it comes with the waiting room, so that the test starts with it at hand. */

import { startPlayer } from "./player.js";
import { startWaiting } from "./waiting.js";

if (document.getElementById("exam")) startPlayer();
else startWaiting();
