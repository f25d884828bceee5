package io.dormouse.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionBuilder;
import io.dormouse.connection.TlsOptions;
import io.dormouse.http.HttpBuilder;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.task.TaskOptions;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.udp.UdpBuilder;
import io.dormouse.websocket.WebSocketBuilder;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The tables of settings.md have every setting of every builder, and the defaults that the code
 * has: each setting is set on a new builder, and the field that changes by that tells the default.
 */
class SettingsTest {
  private static final Path PAGE = Path.of("src/site/markdown/settings.md");
  private static final Pattern ROW = Pattern.compile("\\| `(.*?)` \\| (.*?) \\| (.*?) \\|");

  private ConnectionRegistry registry;

  @BeforeEach
  void open() {
    registry = ConnectionRegistry.builder(new ManualAppLifecycle()).build();
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private Map<Class<?>, String> sections() {
    Map<Class<?>, String> sections = new LinkedHashMap<>();
    sections.put(ConnectionRegistry.Builder.class, "The registry");
    sections.put(ConnectionBuilder.class, "Every connection");
    sections.put(HttpBuilder.class, "HTTP");
    sections.put(TcpBuilder.class, "TCP");
    sections.put(TlsOptions.class, "TLS");
    sections.put(UdpBuilder.class, "UDP");
    sections.put(WebSocketBuilder.class, "WebSocket");
    sections.put(TaskOptions.class, "A long-running task");
    return sections;
  }

  private Object newBuilder(Class<?> type) {
    if (type == ConnectionRegistry.Builder.class) {
      return ConnectionRegistry.builder(new ManualAppLifecycle());
    } else if (type == HttpBuilder.class) {
      return registry.http("a");
    } else if (type == UdpBuilder.class) {
      return registry.udp("a");
    } else if (type == WebSocketBuilder.class) {
      return registry.webSocket("a");
    } else if (type == TlsOptions.class) {
      AtomicReference<Object> options = new AtomicReference<>();
      TcpBuilder unused = registry.tcp("a").tls(options::set);
      return options.get();
    } else if (type == TaskOptions.class) {
      AtomicReference<Object> options = new AtomicReference<>();
      registry.startTask("a", options::set).close();
      return options.get();
    }
    return registry.tcp("a");
  }

  @Test
  void everySettingOfEveryBuilderIsListedAndNoOther() {
    sections()
        .forEach(
            (type, heading) ->
                assertThat(table(heading).keySet())
                    .as("the settings under %s", heading)
                    .containsExactlyInAnyOrderElementsOf(
                        settings(type).map(SettingsTest::signature).toList()));
  }

  @Test
  void everyDefaultIsThatOfTheCode() {
    List<String> wrong = new ArrayList<>();
    List<String> compared = new ArrayList<>();
    sections()
        .forEach(
            (type, heading) ->
                settings(type)
                    .forEach(
                        setting -> {
                          String documented = table(heading).get(signature(setting));
                          for (String value : defaults(type, setting)) {
                            compared.add(signature(setting));
                            if (documented == null || !words(documented).contains(words(value))) {
                              wrong.add(heading + ": " + signature(setting) + " is " + value);
                            }
                          }
                        }));
    assertThat(wrong).as("settings whose documented default is another").isEmpty();
    assertThat(compared).hasSizeGreaterThan(30).contains("suspendBudget(Duration)");
  }

  // ---------------------------------------------------------------------------------- the page

  /** Returns what holds if a setting is not called, by the setting. */
  private static Map<String, String> table(String heading) {
    Map<String, String> defaults = new LinkedHashMap<>();
    boolean inside = false;
    for (String line : page()) {
      if (line.startsWith("## ")) {
        inside = line.equals("## " + heading);
      }
      Matcher row = ROW.matcher(line);
      if (inside && row.matches()) {
        defaults.put(row.group(1), row.group(2));
        assertThat(row.group(3)).as("why %s", row.group(1)).isNotBlank();
      }
    }
    assertThat(defaults).as("the table under %s", heading).isNotEmpty();
    return defaults;
  }

  private static List<String> page() {
    try {
      return Files.readAllLines(PAGE);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** So that 10 s is not found in 110 s. */
  private static String words(String text) {
    return " " + text.replaceAll("[,:`]", " ") + " ";
  }

  // ---------------------------------------------------------------------------------- the code

  private static Stream<Method> settings(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> method.getReturnType() == type);
  }

  private static String signature(Method method) {
    List<String> types =
        Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.toCollection(ArrayList::new));
    if (method.isVarArgs()) {
      types.replaceAll(name -> name.replace("[]", "..."));
    }
    return method.getName() + "(" + String.join(", ", types) + ")";
  }

  /** Returns the defaults of what this method sets, as far as they are numbers and the like. */
  private List<String> defaults(Class<?> type, Method setting) {
    boolean tried = false;
    for (int variant = 0; variant < 2; variant++) {
      Object builder = newBuilder(type);
      Map<Field, Object> before = fields(builder);
      tried |= invoke(builder, setting, variant);
      Map<Field, Object> after = fields(builder);
      List<String> changed =
          before.keySet().stream()
              .filter(field -> !Objects.equals(before.get(field), after.get(field)))
              .map(before::get)
              .flatMap(value -> text(value).stream())
              .toList();
      if (!changed.isEmpty()) {
        return setting.getParameterCount() == 0 ? List.of("off") : changed;
      }
    }
    boolean plain =
        Stream.of(setting.getParameterTypes())
            .anyMatch(p -> p == Duration.class || p.isPrimitive() || p.isEnum());
    assertThat(tried || !plain).as("%s can be tried", signature(setting)).isTrue();
    return setting.getParameterCount() == 0 ? List.of("on") : List.of();
  }

  /** Returns whether that was possible; not every text is one that a setting takes. */
  private static boolean invoke(Object builder, Method setting, int variant) {
    List<Object> arguments = new ArrayList<>();
    for (Class<?> type : setting.getParameterTypes()) {
      Optional<Object> argument = argument(type, variant);
      if (argument.isEmpty()) {
        return false;
      }
      arguments.add(argument.get());
    }
    try {
      setting.setAccessible(true);
      setting.invoke(builder, arguments.toArray());
      return true;
    } catch (InvocationTargetException e) {
      assertThat(e).cause().isInstanceOf(IllegalArgumentException.class);
      return false;
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns something that is no default. */
  private static Optional<Object> argument(Class<?> type, int variant) {
    if (type == Duration.class) {
      return Optional.of(Duration.ofMillis(1234 + variant));
    } else if (type == int.class) {
      return Optional.of(77 + variant);
    } else if (type == boolean.class) {
      return Optional.of(variant == 0);
    } else if (type.isEnum()) {
      return Optional.of(type.getEnumConstants()[variant]);
    } else if (type == String.class) {
      return Optional.of(variant == 0 ? "224.0.0.251" : "ws://127.0.0.1/");
    } else if (type.isInterface() && !type.isSealed()) {
      return Optional.of(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> null;
                  }));
    }
    return Optional.empty();
  }

  private static Map<Field, Object> fields(Object builder) {
    Map<Field, Object> values = new LinkedHashMap<>();
    for (Class<?> c = builder.getClass(); c != Object.class; c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        boolean own = !Modifier.isStatic(field.getModifiers());
        if (own && !Modifier.isFinal(field.getModifiers())) {
          try {
            field.setAccessible(true);
            values.put(field, field.get(builder));
          } catch (IllegalAccessException e) {
            throw new AssertionError(e);
          }
        }
      }
    }
    return values;
  }

  /** Returns a default as the page writes it; empty for code and what is not there at all. */
  private static Optional<String> text(Object value) {
    if (value instanceof Duration duration) {
      return Optional.of(text(duration));
    } else if (value instanceof Number number) {
      return Optional.of(text(number.longValue()));
    } else if (value instanceof Boolean || value instanceof Enum) {
      return Optional.of(value.toString());
    } else if (value instanceof Optional<?> optional && optional.isPresent()) {
      return text(optional.get());
    } else if (value == null
        || value.equals(Optional.empty())
        || value.equals(OptionalInt.empty())) {
      return Optional.of("none");
    }
    return Optional.empty();
  }

  private static String text(Duration duration) {
    if (duration.toMillis() < 1_000) {
      return duration.toMillis() + " ms";
    }
    long seconds = duration.toSeconds();
    assertThat(duration).isEqualTo(Duration.ofSeconds(seconds));
    return seconds >= 60 && seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
  }

  private static String text(long number) {
    int mebi = 1 << 20;
    return number >= mebi && number % mebi == 0 ? number / mebi + " MiB" : String.valueOf(number);
  }
}
