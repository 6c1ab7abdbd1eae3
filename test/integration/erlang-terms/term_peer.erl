%% Answers questions about terms on standard input and output, in packets that begin with four bytes of length.
%%
%% Request                 Reply
%% $e, encoded term        $t, the same term encoded again; $x, why it is none
%% $g, seed (4 bytes)      $t, a random term, encoded in one of the ways there are
%% $c, encoded term        $y if it =:= the term generated last; $n, both as text; $x, why it is none
-module(term_peer).
-export([start/0]).

start() ->
    Port = open_port({fd, 0, 1}, [binary, eof, {packet, 4}]),
    loop(Port, none).

loop(Port, Last) ->
    receive
        {Port, {data, <<$g, Seed:32>>}} ->
            rand:seed(exsss, Seed),
            Term = term(4),
            reply(Port, [$t, term_to_binary(Term, encoding(Seed rem 6))]),
            loop(Port, Term);
        {Port, {data, <<$e, Bytes/binary>>}} ->
            reply(Port, attempt(fun() -> [$t, term_to_binary(binary_to_term(Bytes), [{minor_version, 2}])] end)),
            loop(Port, Last);
        {Port, {data, <<$c, Bytes/binary>>}} ->
            reply(Port, attempt(fun() -> compare(binary_to_term(Bytes), Last) end)),
            loop(Port, Last);
        {Port, eof} ->
            halt(0)
    end.

reply(Port, Data) -> port_command(Port, Data).

attempt(Answer) ->
    try Answer()
    catch Class:Reason -> [$x, unicode:characters_to_binary(io_lib:format("~p:~tp", [Class, Reason]))]
    end.

compare(Same, Same) -> [$y];
compare(Term, Last) -> [$n, unicode:characters_to_binary(io_lib:format("~tp~nis not~n~tp", [Term, Last]))].

encoding(0) -> [{minor_version, 0}];
encoding(1) -> [{minor_version, 1}];
encoding(2) -> [compressed];
encoding(3) -> [{compressed, 9}, {minor_version, 0}];
encoding(_) -> [{minor_version, 2}].

term(0) -> leaf(rand:uniform(16));
term(Depth) ->
    case rand:uniform(9) of
        1 -> list_to_tuple(terms(Depth));
        2 -> terms(Depth);
        3 -> [term(Depth - 1), term(Depth - 1) | improper_tail(leaf(rand:uniform(16)))];
        4 -> maps:from_list([{leaf(rand:uniform(16)), term(Depth - 1)} || _ <- count(4)]);
        5 -> closure(term(Depth - 1), leaf(rand:uniform(16)));
        6 -> wide(rand:uniform(4));
        _ -> leaf(rand:uniform(16))
    end.

terms(Depth) -> [term(Depth - 1) || _ <- count(6)].

count(Highest) -> lists:seq(1, rand:uniform(Highest + 1) - 1).

improper_tail([]) -> improper_tail;
improper_tail(Tail) -> Tail.

closure(A, B) ->
    case rand:uniform(3) of
        1 -> fun() -> A end;
        2 -> fun(X) -> {X, A, B} end;
        3 -> fun Loop(X, Y) -> Loop(Y, {X, B}) end
    end.

wide(1) -> list_to_tuple(lists:seq(1, 300));
wide(2) -> maps:from_list([{N, atom(N)} || N <- lists:seq(1, 60)]);
wide(3) -> lists:duplicate(65536, $a);
wide(4) -> lists:duplicate(500, {ok, <<"the same again and again">>}).

leaf(1) -> rand:uniform(256) - 1;
leaf(2) -> rand:uniform(1 bsl 33) - (1 bsl 32);
leaf(3) -> rand:uniform(1 bsl 55) - (1 bsl 54);
leaf(4) -> rand:uniform(1 bsl 66) - (1 bsl 65);
leaf(5) -> rand:uniform(1 bsl 2100) - (1 bsl 2099);
leaf(6) -> float();
leaf(7) -> list_to_atom(random_text(rand:uniform(30) - 1, 255));
leaf(8) -> list_to_atom(random_text(200, 16#2fff));
leaf(9) -> random_text(rand:uniform(20), 255);
leaf(10) -> random_text(rand:uniform(20), 16#2fff);
leaf(11) -> rand:bytes(rand:uniform(40) - 1);
leaf(12) -> bits(rand:uniform(50));
leaf(13) -> pid(rand:uniform(2));
leaf(14) -> port(rand:uniform(3));
leaf(15) -> reference(rand:uniform(2));
leaf(16) -> external_function(rand:uniform(2)).

atom(Number) -> list_to_atom("key_" ++ integer_to_list(Number)).

%% Any 64 bits, unless they are an infinity or no number.
float() ->
    case rand:bytes(8) of
        <<Float/float>> -> Float;
        _ -> float()
    end.

random_text(Length, Highest) -> [rand:uniform(Highest) || _ <- lists:seq(1, Length)].

bits(Size) ->
    <<Bits:Size/bitstring, _/bitstring>> = rand:bytes(7),
    Bits.

pid(1) -> self();
pid(2) -> foreign(<<88, (node_name())/binary, (rand:bytes(12))/binary>>).

port(1) -> hd(erlang:ports());
port(2) -> foreign(<<89, (node_name())/binary, (rand:bytes(8))/binary>>);
port(3) -> foreign(<<120, (node_name())/binary, (rand:bytes(12))/binary>>).

reference(1) -> make_ref();
reference(2) ->
    Words = rand:uniform(5),
    foreign(<<90, Words:16, (node_name())/binary, (rand:bytes(4 + 4 * Words))/binary>>).

external_function(1) -> fun lists:map/2;
external_function(2) -> foreign(<<113, 119, 2, 195, 164, 119, 1, $f, 97, 255>>).

node_name() -> <<119, 8, "far@node">>.

foreign(Bytes) -> binary_to_term(<<131, Bytes/binary>>).
