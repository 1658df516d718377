// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// An HTTP server on Netty's event loops, which tells what its handlers took.
//
//   NettyServer epoll|nio THREADS
//
// Says `ready {"port": ..., "tids": [...]}`, and answers each line on stdin by
// `counted {"tid": {"requests": ..., "handlers_ns": ...}, ...}`. It spins for 1 ms on
// /work, sleeps on /sleep, and on /lock waits for a lock that another thread holds.

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

public class NettyServer {
    static final long BLOCKED_MS = 300;
    static final byte[] ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"
            .getBytes(StandardCharsets.US_ASCII);
    static final Object LOCK = new Object();
    static final Map<Integer, Account> ACCOUNTS = new ConcurrentHashMap<>();
    static final ThreadLocal<Account> ACCOUNT = ThreadLocal.withInitial(Account::open);

    /** What the handlers of one thread have done; written by that thread alone. */
    static class Account {
        volatile long requests;
        volatile long handlersNs;

        static Account open() {
            Account account = new Account();
            ACCOUNTS.put(ownTid(), account);
            return account;
        }

        public String toString() {
            return String.format("{\"requests\": %d, \"handlers_ns\": %d}", requests, handlersNs);
        }
    }

    static int ownTid() {
        try {
            Path link = Files.readSymbolicLink(Path.of("/proc/thread-self"));
            return Integer.parseInt(link.getFileName().toString());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static class Handler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            long start = System.nanoTime();
            ByteBuf request = (ByteBuf) message;
            String line = request.toString(StandardCharsets.US_ASCII);
            request.release();
            work(line.split(" ", 3)[1]);
            Account account = ACCOUNT.get();
            account.requests++;
            account.handlersNs += System.nanoTime() - start;
            context.writeAndFlush(Unpooled.wrappedBuffer(ANSWER)); // who has it can rely on that
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable reset) {
            context.close();
        }

        static void work(String path) throws InterruptedException {
            if (path.equals("/work"))
                spin(1_000_000);
            else if (path.equals("/sleep"))
                Thread.sleep(BLOCKED_MS);
            else if (path.equals("/lock"))
                awaitLock();
        }
    }

    static void spin(long ns) {
        long end = System.nanoTime() + ns;
        while (System.nanoTime() < end)
            Thread.onSpinWait();
    }

    static void awaitLock() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        new Thread(() -> holdLock(held)).start();
        held.await();
        synchronized (LOCK) {
            return;
        }
    }

    static void holdLock(CountDownLatch held) {
        synchronized (LOCK) {
            held.countDown();
            try {
                Thread.sleep(BLOCKED_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    static void say(String word, Map<Integer, Account> accounts) {
        System.out.println(word + " " + accounts.entrySet().stream()
                .map(each -> "\"" + each.getKey() + "\": " + each.getValue())
                .collect(Collectors.joining(", ", "{", "}")));
    }

    public static void main(String[] arguments) throws Exception {
        boolean epoll = arguments[0].equals("epoll");
        int threads = Integer.parseInt(arguments[1]);
        EventLoopGroup loops = epoll ? new EpollEventLoopGroup(threads)
                : new NioEventLoopGroup(threads);
        Class<? extends ServerChannel> channel = epoll ? EpollServerSocketChannel.class
                : NioServerSocketChannel.class;
        var bootstrap = new ServerBootstrap().group(loops).channel(channel)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel connection) {
                        connection.pipeline().addLast(new Handler());
                    }
                });
        for (EventExecutor loop : loops)
            loop.submit(ACCOUNT::get).sync();
        var address = bootstrap.bind("127.0.0.1", 0).sync().channel().localAddress();
        System.out.printf("ready {\"port\": %d, \"tids\": %s}%n",
                ((InetSocketAddress) address).getPort(), new TreeMap<>(ACCOUNTS).keySet());
        var commands = new BufferedReader(new InputStreamReader(System.in));
        while (commands.readLine() != null)
            say("counted", ACCOUNTS);
        loops.shutdownGracefully();
    }
}
