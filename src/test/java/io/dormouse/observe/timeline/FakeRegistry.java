package io.dormouse.observe.timeline;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import io.dormouse.observe.ConnectionStep;
import io.dormouse.observe.ObservedRegistry;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.task.LongRunningTask;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A registry that a test plays. */
final class FakeRegistry implements ObservedRegistry {
  final List<RegistryObserver> observers = new ArrayList<>();
  final List<Connection> connections = new ArrayList<>();
  final List<LongRunningTask> tasks = new ArrayList<>();

  /** What happens as soon as there is an observer. */
  Runnable onObserver = () -> {};

  long nanos = Long.MAX_VALUE - Duration.ofSeconds(2).toNanos(); // overflows soon

  @Override
  public List<Connection> connections() {
    return List.copyOf(connections);
  }

  @Override
  public List<LongRunningTask> tasks() {
    return List.copyOf(tasks);
  }

  @Override
  public void addObserver(RegistryObserver observer) {
    observers.add(observer);
    onObserver.run();
  }

  @Override
  public void removeObserver(RegistryObserver observer) {
    observers.remove(observer);
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  void pass(Duration time) {
    nanos += time.toNanos();
  }

  static Connection connection(String name, ConnectionState state) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "name" -> name;
                  case "kind" -> ConnectionKind.TCP;
                  case "state" -> state;
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == args[0];
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  void step(Connection connection, ConnectionState from, ConnectionState to) {
    step(connection, from, to, 1, null, null);
  }

  void step(
      Connection connection,
      ConnectionState from,
      ConnectionState to,
      long generation,
      CloseReason reason,
      InetSocketAddress address) {
    StateChange change =
        new StateChange() {
          @Override
          public ConnectionState from() {
            return from;
          }

          @Override
          public ConnectionState to() {
            return to;
          }

          @Override
          public long generation() {
            return generation;
          }

          @Override
          public Optional<CloseReason> reason() {
            return Optional.ofNullable(reason);
          }
        };
    ConnectionStep step =
        new ConnectionStep() {
          @Override
          public Connection connection() {
            return connection;
          }

          @Override
          public StateChange change() {
            return change;
          }

          @Override
          public Optional<InetSocketAddress> address() {
            return Optional.ofNullable(address);
          }

          @Override
          public long nanos() {
            return nanos;
          }

          @Override
          public long bytesIn() {
            return 0;
          }

          @Override
          public long bytesOut() {
            return 0;
          }
        };
    observers.forEach(observer -> observer.onStep(step));
  }

  static final class Task implements LongRunningTask {
    private final String name;
    Ending ending;

    Task(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Set<String> covered() {
      return Set.of();
    }

    @Override
    public Optional<Duration> remaining() {
      return Optional.empty();
    }

    @Override
    public Optional<Ending> ending() {
      return Optional.ofNullable(ending);
    }

    @Override
    public void revoke() {
      ending = Ending.REVOKED;
    }

    @Override
    public void close() {
      ending = Ending.CLOSED;
    }
  }
}
