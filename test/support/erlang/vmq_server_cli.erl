%% Answers as the command line of a VerneMQ node does, for a few commands: what is
%% written where, and what is returned. The cluster behind it is made up.
-module(vmq_server_cli).

-export([command/1, trace_state/0]).

%% Returns ok, or {error, ExitCode}.
command(["vmq-admin" | Arguments]) ->
    {Words, Flags} = lists:partition(fun(Word) -> hd(Word) =/= $- end, Arguments),
    case unknown(Flags) of
        [] -> run(Words, format(Flags), Flags);
        Unknown -> refuse(io_lib:format("Invalid Flags: ~p~n", [Unknown]))
    end.

%% The broker writes them without their dashes.
unknown(Flags) ->
    [string:trim(Flag, leading, "-") || Flag <- Flags, not is_known(Flag)].

is_known("--format=" ++ _) -> true;
is_known("--timeout=" ++ _) -> true;
is_known("--summary-interval=" ++ _) -> true;
is_known(Flag) -> lists:member(Flag, ["-k", "--kill_sessions"]).

%% idle, tracing or stopped.
trace_state() ->
    application:get_env(vmq_test, trace, idle).

run(["cluster", "show"], json, _Flags) ->
    Rows = lists:join($,, [["{\"Node\":\"", Node, "\",\"Running\":", atom_to_list(Running), "}"]
                           || {Node, Running} <- members()]),
    succeed(["{\"table\":[", Rows, "],\"type\":\"table\"}"]);
run(["cluster", "show"], table, _Flags) ->
    succeed(table());
run(["cluster", "leave", "node=nobody@" ++ _], Format, _Flags) ->
    succeed(text(Format, "Done"));
run(["cluster", "leave", "node=" ++ _], Format, Flags) ->
    case lists:member("-k", Flags) orelse lists:member("--kill_sessions", Flags) of
        true -> (vmq_cluster_leave_cmd())(Format);
        false -> succeed(text(Format, "Done! Use -k to teardown and migrate existing sessions!"))
    end;
run(["cluster", "join", "discovery-node=" ++ Node], Format, _Flags) ->
    case net_adm:ping(list_to_atom(Node)) of
        pong -> succeed(text(Format, "Done"));
        pang -> refuse(["RPC to node '", Node, "' failed for reason: not_reachable\n"])
    end;
run(["trace", "client", "client-id=busy"], _Format, _Flags) ->
    Writer = spawn_link(fun chatter/0),
    Result = trace(),
    unlink(Writer),
    exit(Writer, kill),
    Result;
run(["trace", "client", "client-id=" ++ _], _Format, _Flags) ->
    trace();
run(["listener", "delete" | _], _Format, _Flags) ->
    error(badarg);
run(["cluster" | _], _Format, _Flags) ->
    refuse("Usage: vmq-admin cluster <sub-command>\n\n  Administrate cluster membership.\n");
run(["node", "status"], Format, _Flags) ->
    succeed(text(Format, "up"));
run(Words, _Format, _Flags) ->
    fail(["Invalid command: ", lists:join($\s, Words), "\n"]).

format(Flags) ->
    case lists:member("--format=json", Flags) of
        true -> json;
        false -> table
    end.

members() ->
    [{atom_to_list(Node), Running} || {Node, Running} <- vmq_cluster:status()].

text(json, Text) -> ["{\"text\":\"", Text, "\",\"type\":\"text\"}"];
text(table, Text) -> [Text, $\n].

table() ->
    Line = "+--------------------+---------+\n",
    Rows = [io_lib:format("| ~-18s | ~-7s |\n~s", [Node, atom_to_list(Running), Line])
            || {Node, Running} <- members()],
    [Line, "| \e[1mNode\e[0m               | \e[1mRunning\e[0m |\n", Line, Rows].

%% The broker's own function has this name, which is how a leave that is going on can be told.
vmq_cluster_leave_cmd() ->
    fun(Format) ->
            migrate(),
            succeed(text(Format, "Done"))
    end.

%% The pace is how many milliseconds one step takes.
migrate() ->
    Pace = application:get_env(vmq_test, pace, 10),
    Steps = application:get_env(vmq_test, steps, 10),
    lists:foreach(
      fun(Step) ->
              timer:sleep(Pace),
              io:format("Migrated ~b/~b queues and ~b/~b messages~n",
                        [Step, Steps, Step * 5, Steps * 5])
      end,
      lists:seq(1, Steps)).

%% What a client exchanges that is never silent.
chatter() ->
    timer:sleep(20),
    io:format("PUBLISH~n"),
    chatter().

%% Goes on until the input ends, as it does when the operator's own node goes away.
trace() ->
    application:set_env(vmq_test, trace, tracing),
    io:format("Starting trace~n"),
    eof = io:get_chars(group_leader(), "", 1),
    application:set_env(vmq_test, trace, stopped),
    succeed("Done.\n").

succeed(Output) ->
    write(Output, ""),
    ok.

%% A mistake in the command is told where results are.
refuse(Output) ->
    write(Output, ""),
    {error, 1}.

fail(Output) ->
    write("", Output),
    {error, 1}.

%% Errors go to the stderr of the node that the command came from, which is asked for it.
write(Output, Errors) ->
    Stderr = rpc:call(node(group_leader()), erlang, whereis, [standard_error]),
    io:format("~ts", [Output]),
    io:format(Stderr, "~ts", [Errors]).
