package io.dormouse.support.servers;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers every request with status 200 and the body that came, on the JDK's own server. */
public final class HttpEchoServer extends LocalServer {
  static {
    // It writes head and body apart. With Nagle's algorithm the body then waits for the client's
    // delayed acknowledgement of the head: 44 ms for each call, measured on JDK 17.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private HttpServer server;
  private ExecutorService threads;

  @Override
  protected int open(InetSocketAddress address) throws IOException {
    server = HttpServer.create(address, 0);
    int port = server.getAddress().getPort();
    threads =
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "http-echo-" + port);
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", this::echo);
    server.start();
    return port;
  }

  @Override
  protected void die() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void echo(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      countReceived(body.length);
      // 0 would mean chunks to the JDK's server, -1 means no body.
      exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
