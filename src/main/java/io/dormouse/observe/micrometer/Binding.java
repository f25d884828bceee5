package io.dormouse.observe.micrometer;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.ConnectionStep;
import io.dormouse.observe.ObservedRegistry;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The meters of one registry of connections in one registry of meters. */
final class Binding implements RegistryObserver {
  private static final String BYTES = "bytes";

  private final ObservedRegistry registry;
  private final MeterRegistry meters;
  private final Tags tags;
  private final Figures figures;
  private final Set<Meter> registered = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;

  /** When the attempts that are under way began. The calls that use it never overlap. */
  private final IdentityHashMap<Connection, Long> attempts = new IdentityHashMap<>();

  Binding(ObservedRegistry registry, MeterRegistry meters, Tags tags) {
    this.registry = registry;
    this.meters = meters;
    this.tags = tags;
    this.figures = new Figures(registry, meters.config().clock());
  }

  /**
   * Registers the meters.
   *
   * @throws IllegalStateException if there are such ones already
   */
  void begin() {
    Set<Meter> others = Collections.newSetFromMap(new IdentityHashMap<>());
    others.addAll(meters.getMeters());
    Gauge tasks =
        Gauge.builder("dormouse.tasks", () -> registry.tasks().size())
            .description("Live long-running tasks")
            .tags(tags)
            .register(meters);
    if (others.contains(tasks)) { // and so would be all others: of the other registry
      throw new IllegalStateException(
          "there are meters of another registry of connections: close their RegistryMetrics, or"
              + " give each tags of its own");
    }
    add(tasks);
    for (ConnectionKind kind : ConnectionKind.values()) {
      for (ConnectionState state : ConnectionState.values()) {
        add(
            Gauge.builder("dormouse.connections", () -> figures.latest().count(kind, state))
                .description("Registered connections in this state")
                .tags(of(kind).and("state", lower(state)))
                .register(meters));
      }
      add(
          Gauge.builder("dormouse.queued", () -> figures.latest().queued(kind))
              .description("Accepted sends that wait")
              .baseUnit(BYTES)
              .tags(of(kind))
              .register(meters));
      counter("dormouse.received", kind, BYTES, it -> it.latest().total(kind).received());
      counter("dormouse.sent", kind, BYTES, it -> it.latest().total(kind).sent());
      counter("dormouse.sends.refused", kind, "sends", it -> it.latest().total(kind).refused());
    }
    registry.addObserver(this);
  }

  private void counter(
      String name, ConnectionKind kind, String unit, ToDoubleFunction<Figures> value) {
    add(
        FunctionCounter.builder(name, figures, value)
            .baseUnit(unit)
            .tags(of(kind))
            .register(meters));
  }

  void end() {
    registry.removeObserver(this);
    ended = true;
    registered.forEach(meters::remove);
  }

  private <M extends Meter> M add(M meter) {
    registered.add(meter);
    if (ended) { // a call that had begun before
      meters.remove(meter);
    }
    return meter;
  }

  private Tags of(ConnectionKind kind) {
    return tags.and("kind", lower(kind));
  }

  private static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }

  // --------------------------------------------------------------------------- what happens

  @Override
  public void onStep(ConnectionStep step) {
    Connection connection = step.connection();
    ConnectionState to = step.change().to();
    if (to == ConnectionState.OPEN) {
      endAttempt(step, "opened");
    } else if (to != ConnectionState.PREPARING) {
      endAttempt(step, "ended");
    }
    if (to == ConnectionState.CONNECTING) {
      attempts.put(connection, step.nanos());
    }
    if (to != ConnectionState.DRAINING) {
      step.change().reason().ifPresent(reason -> countEnd(connection.kind(), reason));
    }
    if (to == ConnectionState.CLOSED) {
      figures.forget(step);
    }
  }

  private void endAttempt(ConnectionStep step, String outcome) {
    Long startNanos = attempts.remove(step.connection());
    if (startNanos != null) {
      Tags which = of(step.connection().kind()).and("outcome", outcome);
      timer("dormouse.connect", "Attempts to connect", which)
          .record(step.nanos() - startNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void countEnd(ConnectionKind kind, CloseReason reason) {
    add(Counter.builder("dormouse.ends")
            .description("Generations that ended")
            .tags(of(kind).and("reason", lower(reason.kind())))
            .register(meters))
        .increment();
  }

  @Override
  public void onResumed(ResumeReport report) {
    for (ResumeReport.Entry entry : report.connections()) {
      if (entry.outcome() == ResumeReport.Outcome.OPENED) {
        timer("dormouse.ready", "From the foreground until open", of(entry.kind()))
            .record(entry.took());
      }
    }
  }

  @Override
  public void onSuspended(SuspendReport report) {
    Duration took = report.took();
    Tags which = tags.and("within.budget", String.valueOf(report.withinBudget()));
    timer("dormouse.quiet", "Suspends, until the last socket was gone", which).record(took);
  }

  private Timer timer(String name, String description, Tags which) {
    return add(Timer.builder(name).description(description).tags(which).register(meters));
  }
}
