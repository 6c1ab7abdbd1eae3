%% Asks such a link how it stands, in the way of the original.
-module(vmq_cluster_node).

-export([status/1]).

status(Link) ->
    Ref = make_ref(),
    Link ! {status, self(), Ref},
    receive
        {Ref, State} -> State
    after 5000 -> {error, timeout}
    end.
