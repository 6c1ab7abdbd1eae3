%% What a VerneMQ node says of itself, in the form of the original; it is empty.
-module(vmq_status_http).

-export([node_status/0]).

node_status() ->
    Members = [{atom_to_binary(Node, utf8), Running} || {Node, Running} <- vmq_cluster:status()],
    {ok,
     [{<<"num_online">>, 0},
      {<<"num_offline">>, 0},
      {<<"queue_in">>, 0},
      {<<"queue_out">>, 0},
      {<<"queue_drop">>, 0},
      {<<"msg_in">>, 0},
      {<<"msg_out">>, 0},
      {<<"queue_unhandled">>, 0},
      {<<"num_subscriptions">>, 0},
      {<<"num_retained">>, 0},
      {<<"version">>, <<"2.1.2">>},
      {<<"mystatus">>, [Members]},
      {<<"listeners">>, [listener(mqtt, 1883), listener(http, 8888), listener(vmq, 44053)]}]}.

listener(Type, Port) ->
    [{type, Type}, {status, running}, {ip, <<"127.0.0.1">>}, {port, Port}, {mountpoint, []}, {max_conns, 10000}].
