%% The membership of a made-up cluster: see vmq_server_cli. With the setting `members` at `connected`, it is this node
%% and whatever nodes it is connected with.
-module(vmq_cluster).

-export([status/0]).

status() ->
    case application:get_env(vmq_test, members, made_up) of
        made_up -> [{'VerneMQ1@127.0.0.1', true}, {'VerneMQ2@127.0.0.1', false}];
        connected -> [{Node, true} || Node <- lists:sort([node() | nodes()])]
    end.
