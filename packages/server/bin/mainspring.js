#!/usr/bin/env node
// The command `mainspring`. It stands outside dist so that npm can link it before anything is built.
import "../dist/cli/main.js";
