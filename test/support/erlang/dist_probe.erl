%% Functions for tests of the distribution client to call.
-module(dist_probe).

-export([storm/2, never/0, exit_with/1, ask/1, requests/1, from_module/0, text/1, old_style/1,
         stderr_of_caller/0, ask_caller/4, whois/2, link_to/1, monitor_then_wait/1, without_rex/1, echo_after/2]).

%% Many processes write at the same time; returns once all lines are written.
storm(Processes, Lines) ->
    Self = self(),
    Write = fun(Process) ->
                    [ok = io:format("~b ~b~n", [Process, Line]) || Line <- lists:seq(1, Lines)],
                    Self ! {done, Process}
            end,
    [spawn_link(fun() -> Write(Process) end) || Process <- lists:seq(1, Processes)],
    [receive {done, Process} -> ok end || Process <- lists:seq(1, Processes)],
    ok.

never() ->
    receive after infinity -> ok end.

exit_with(Reason) ->
    exit(Reason).

%% The answer of the group leader to a request of the I/O protocol.
ask(Request) ->
    ask_server(group_leader(), Request).

ask_server(Server, Request) ->
    Ref = monitor(process, Server),
    Server ! {io_request, self(), Ref, Request},
    receive
        {io_reply, Ref, Reply} -> demonitor(Ref, [flush]), Reply;
        {'DOWN', Ref, process, _, Reason} -> {down, Reason}
    end.

requests(Requests) ->
    io:requests(group_leader(), Requests).

%% Characters that a function of this module makes.
from_module() ->
    ask({put_chars, unicode, ?MODULE, text, ["made here"]}).

text(Text) ->
    [Text, $\n, <<"and \x{fc}ber all"/utf8>>].

%% As processes before OTP R15 wrote.
old_style(Text) ->
    [ask({put_chars, Text}), ask({put_chars, io_lib, format, ["~s~n", [Text]]})].

stderr_of_caller() ->
    Stderr = rpc:call(node(group_leader()), erlang, whereis, [standard_error]),
    ok = io:format(Stderr, "to ~ts~n", ["stderr \x{2713}"]),
    ok = io:format("to stdout~n"),
    Stderr.

%% What the node of the caller answers to calls by rpc, and to the server that rpc used before OTP 23.
ask_caller(erpc, Module, Function, Arguments) ->
    {answer, rpc:call(node(group_leader()), Module, Function, Arguments)};
ask_caller(rex, Module, Function, Arguments) ->
    Call = {call, Module, Function, Arguments, group_leader()},
    {answer, gen_server:call({rex, node(group_leader())}, Call)};
ask_caller(net_kernel, _, _, _) ->
    gen_server:call({net_kernel, node(group_leader())}, {is_auth, node()});
ask_caller(features, _, _, _) ->
    {rex, node(group_leader())} ! {self(), features_request},
    receive {features_reply, Node, Features} -> {Node, Features} end;
ask_caller(cast, _, _, _) ->
    erpc:cast(node(group_leader()), erlang, halt, []),
    ok.

%% What a monitor of something on the caller's node says.
whois(Kind, Value) ->
    Target = case Kind of
                 name -> {Value, node(group_leader())};
                 pid -> Value
             end,
    Ref = monitor(process, Target),
    receive
        {'DOWN', Ref, process, _, Reason} -> {down, Reason}
    after 300 ->
            demonitor(Ref),
            alive
    end.

%% Links to a process of the caller's node, takes the link back, and says whether that was noticed.
link_to(Pid) ->
    process_flag(trap_exit, true),
    link(Pid),
    receive
        {'EXIT', Pid, Reason} -> {exit, Reason}
    after 300 ->
            unlink(Pid),
            {links, Links} = process_info(self(), links),
            {alive, lists:member(Pid, Links)}
    end.

%% Waits in a process of its own until the group leader of this call has ended, and keeps the reason.
monitor_then_wait(Key) ->
    Leader = group_leader(),
    spawn(fun() ->
                  group_leader(whereis(init), self()),
                  Ref = monitor(process, Leader),
                  receive {'DOWN', Ref, process, _, Reason} -> persistent_term:put(Key, Reason) end
          end),
    ok.

echo_after(Milliseconds, Term) ->
    timer:sleep(Milliseconds),
    Term.

%% Takes the server of rpc away for a while.
without_rex(Milliseconds) ->
    Rex = whereis(rex),
    unregister(rex),
    io:put_chars("gone\n"),
    timer:sleep(Milliseconds),
    register(rex, Rex).
