/** The server alone in its process. */
import { serveMainspring } from "../serve-mainspring.js";
import { answerQuestions } from "./side.js";

answerQuestions(serveMainspring);
