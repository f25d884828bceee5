package io.dormouse.observe.micrometer;

import io.dormouse.observe.ObservedRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The meters of a registry of connections.
 *
 * <pre>{@code
 * new RegistryMetrics(registry).bindTo(meterRegistry);
 * }</pre>
 *
 * <table>
 *   <caption>Meters, and their tags besides the app's own</caption>
 *   <tr><th>meter</th><th>tags</th><th>what</th></tr>
 *   <tr><td>{@code dormouse.connections}, gauge</td><td>{@code kind}, {@code state}</td>
 *       <td>registered connections in this state</td></tr>
 *   <tr><td>{@code dormouse.tasks}, gauge</td><td></td><td>live long-running tasks</td></tr>
 *   <tr><td>{@code dormouse.queued}, gauge in bytes</td><td>{@code kind}</td>
 *       <td>accepted sends that wait</td></tr>
 *   <tr><td>{@code dormouse.received}, {@code dormouse.sent}, counters in bytes</td>
 *       <td>{@code kind}</td><td>payload</td></tr>
 *   <tr><td>{@code dormouse.sends.refused}, counter</td><td>{@code kind}</td>
 *       <td>sends that were refused</td></tr>
 *   <tr><td>{@code dormouse.ends}, counter</td><td>{@code kind}, {@code reason}</td>
 *       <td>generations that ended, by the kind of their close reason</td></tr>
 *   <tr><td>{@code dormouse.connect}, timer</td><td>{@code kind}, {@code outcome}</td>
 *       <td>attempts, until they were {@code opened} or {@code ended} without that</td></tr>
 *   <tr><td>{@code dormouse.ready}, timer</td><td>{@code kind}</td>
 *       <td>from the foreground until a connection was open on a new socket</td></tr>
 *   <tr><td>{@code dormouse.quiet}, timer</td><td>{@code within.budget}</td>
 *       <td>suspends, until the last socket was gone</td></tr>
 * </table>
 *
 * <p>The values of the tags are names of the library's enums in lower case, so there are not more
 * of them with more connections; a single connection's figures are in its snapshot. The gauges and
 * the counters of bytes look at the connections when they are read, at most ten times a second.
 * Bytes count from a connection's registration, all else from {@link #bindTo}.
 *
 * <p>To be closed with the registry: meters hold on to what they measure.
 */
@SuppressWarnings("exports") // a module that uses this requires micrometer.core itself
public final class RegistryMetrics implements MeterBinder, AutoCloseable {
  private final ObservedRegistry registry;
  private final Tags tags;
  private final List<Binding> bindings = new CopyOnWriteArrayList<>();

  /**
   * Creates meters without tags of the app's own.
   *
   * @param registry the {@code ConnectionRegistry}
   */
  public RegistryMetrics(ObservedRegistry registry) {
    this(registry, Tags.empty());
  }

  /**
   * Creates meters with tags of the app's own, as an app needs that has several registries.
   *
   * @param registry the {@code ConnectionRegistry}
   * @param tags are added to each meter
   */
  public RegistryMetrics(ObservedRegistry registry, Iterable<Tag> tags) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.tags = Tags.of(tags);
  }

  /**
   * Registers the meters, which then measure. May be called for several meter registries.
   *
   * @param meters where
   * @throws IllegalStateException if it has meters of these names and tags already: of another
   *     registry of connections, whose {@code RegistryMetrics} are not closed
   */
  @Override
  public void bindTo(MeterRegistry meters) {
    Binding binding = new Binding(registry, meters, tags);
    binding.begin();
    bindings.add(binding);
  }

  /** Measures no more, and removes the meters. Does nothing the second time. */
  @Override
  public void close() {
    bindings.forEach(Binding::end);
    bindings.clear();
  }
}
