%% The links for messages to other nodes, each a process, as the original keeps them. With the setting `channels`, a list of
%% {Node, State}, they are those.
-module(vmq_cluster_node_sup).

-export([get_cluster_node/1]).

get_cluster_node(Node) ->
    case lists:keyfind(Node, 1, application:get_env(vmq_test, channels, [])) of
        {Node, State} -> {ok, spawn(fun() -> link_to(State) end)};
        false -> {error, not_found}
    end.

link_to(State) ->
    receive
        {status, From, Ref} -> From ! {Ref, State}
    after 10000 -> ok
    end.
