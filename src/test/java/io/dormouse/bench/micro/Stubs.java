package io.dormouse.bench.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.openjdk.jmh.generators.core.BenchmarkGenerator;
import org.openjdk.jmh.generators.core.FileSystemDestination;
import org.openjdk.jmh.generators.reflection.RFGeneratorSource;

/**
 * The loops that JMH writes around each benchmark. They are made here and not by an annotation
 * processor: so the build has none, and the folder of the test classes holds the tests' alone.
 */
final class Stubs {
  private Stubs() {}

  /** Fills a folder anew, which is to be on the class path of JMH. */
  static void make(Path folder, Collection<Class<?>> benchmarks) throws IOException {
    clear(folder); // a stub of a benchmark that is gone would not compile
    Files.createDirectories(folder);
    RFGeneratorSource source = new RFGeneratorSource();
    benchmarks.forEach(source::processClasses);
    FileSystemDestination destination = new FileSystemDestination(folder.toFile(), folder.toFile());
    BenchmarkGenerator generator = new BenchmarkGenerator();
    generator.generate(source, destination);
    generator.complete(source, destination);
    if (destination.hasErrors()) {
      throw new IOException("JMH refuses the benchmarks: " + destination.getErrors());
    }
    compile(folder);
  }

  private static void clear(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void compile(Path folder) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-proc:none", "-nowarn"));
    arguments.addAll(List.of("-d", folder.toString()));
    arguments.addAll(List.of("-classpath", System.getProperty("java.class.path")));
    try (Stream<Path> files = Files.walk(folder)) {
      files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
    }
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, System.err, System.err, arguments.toArray(String[]::new));
    if (result != 0) {
      throw new IOException("the stubs do not compile");
    }
  }
}
