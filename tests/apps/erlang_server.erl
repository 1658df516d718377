%% SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
%%
%% An HTTP server that works for a millisecond on each request, and tells how long each
%% scheduler was active by Erlang's own account.
%%
%% Says `ready {"port": ...}`, and answers each line on stdin by `counted {"1": ns, ...}`.
-module(erlang_server).
-export([start/0]).

-define(ANSWER, <<"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n">>).

start() ->
    erlang:system_flag(scheduler_wall_time, true),
    Options = [binary, {active, true}, {reuseaddr, true}, {ip, {127, 0, 0, 1}}],
    {ok, Listener} = gen_tcp:listen(0, Options),
    {ok, Port} = inet:port(Listener),
    spawn(fun() -> accept(Listener) end),
    io:format("ready {\"port\": ~b}~n", [Port]),
    answer().

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Server = spawn(fun() -> serve(Socket) end),
    gen_tcp:controlling_process(Socket, Server),
    accept(Listener).

serve(Socket) ->
    receive
        {tcp, Socket, _} ->
            spin(erlang:monotonic_time(microsecond) + 1000),
            gen_tcp:send(Socket, ?ANSWER),
            serve(Socket);
        {tcp_closed, Socket} ->
            ok
    end.

spin(End) ->
    case erlang:monotonic_time(microsecond) < End of
        true -> spin(End);
        false -> ok
    end.

answer() ->
    case io:get_line("") of
        eof ->
            halt();
        _ ->
            %% dirty schedulers have the highest numbers
            Times = lists:sublist(lists:sort(erlang:statistics(scheduler_wall_time)),
                                  erlang:system_info(schedulers)),
            Fields = [io_lib:format("\"~b\": ~b", [Id, Active]) || {Id, Active, _} <- Times],
            io:format("counted {~s}~n", [lists:join(", ", Fields)]),
            answer()
    end.
