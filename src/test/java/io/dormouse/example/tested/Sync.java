package io.dormouse.example.tested;

import io.dormouse.ConnectionRegistry;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.Framing;
import io.dormouse.tcp.TcpConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Fetches what is new, also in the background, for as long as the platform lets it. */
public final class Sync {
  private final ConnectionRegistry registry;
  private final TcpConnection connection;
  private final List<String> items = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<Void> running = CompletableFuture.completedFuture(null);

  public Sync(ConnectionRegistry registry, String host, int port) {
    this.registry = registry;
    connection =
        registry
            .tcp("sync")
            .connectTo(host, port)
            .onMessage(Framing.lines(1_000), (tcp, line) -> received(line))
            .register();
  }

  /** Runs once, by a task; what has come before the platform takes that back is kept. */
  public CompletableFuture<Void> run() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    running = done;
    LongRunningTask task =
        registry.startTask(
            "sync",
            options ->
                options
                    .covering(connection)
                    .atMost(Duration.ofMinutes(3))
                    .onEnded(ended -> done.completeExceptionally(new CancellationException())));
    CompletableFuture<Void> unused =
        connection
            .whenOpen()
            .thenCompose(open -> connection.send("since " + items.size() + "\n"))
            .whenComplete(
                (sent, failure) -> {
                  if (failure != null) {
                    done.completeExceptionally(failure);
                  }
                });
    return done.whenComplete((nothing, failure) -> task.close());
  }

  private void received(String line) {
    if (line.equals("end")) {
      running.complete(null);
    } else {
      items.add(line);
    }
  }

  /** Returns all that has come. */
  public List<String> items() {
    return items;
  }
}
