// Put into every command by the build, so that all of this becomes one file: each further file that a command loads
// costs a millisecond, and what is here is needed by most.
import './cluster-command.js';
import '../cluster/show.js';
import '../cluster/node-view.js';
import './views/cluster-show.js';
