import Files

/// Weights that are there but in a format that is not read, each with the way to convert it.
enum ForeignWeights {
  /// A format by its files.
  private struct Format: Sendable {
    let name: String
    let matches: @Sendable (String) -> Bool
    /// From the class of transformers that loads the model, and the file that was found.
    let remedy: @Sendable (_ loader: String, _ file: String) -> String
    var kind = InputError.Kind.data
  }

  /// The first that is found is named: those come first that are the least work to convert.
  private static let formats = [
    Format(
      name: "an adapter without the model that it changes",
      matches: { $0 == "adapter_model.safetensors" },
      remedy: { loader, _ in
        "merge it with peft: AutoPeftModel\(loader.dropFirst("AutoModel".count))"
          + ".from_pretrained(DIR).merge_and_unload().save_pretrained(NEW_DIR)"
      }),
    Format(
      name: "a safetensors file of another name",
      matches: { $0.hasSuffix(".safetensors") && $0 != DirectoryLayout.linearHead },
      remedy: { _, _ in "rename it to model.safetensors if it holds the whole model" }),
    Format(
      name: "a pickle, which can run any code when it is read", matches: isPickle,
      remedy: { loader, _ in pickleRemedy(loader) }, kind: .unsafeInput),
    Format(
      name: "a checkpoint of TensorFlow 1",
      matches: { $0.contains(".ckpt") && $0.hasSuffix(".index") },
      remedy: { _, file in
        "convert it with transformers 4 and TensorFlow: BertForPreTraining.from_pretrained("
          + "\"DIR/\(file)\", from_tf=True, config=BertConfig.from_json_file("
          + "\"DIR/bert_config.json\")).save_pretrained(NEW_DIR)"
      }),
    Format(
      name: "TensorFlow's format",
      matches: { $0.hasSuffix(".h5") || $0 == "tf_model.h5.index.json" },
      remedy: { loader, _ in
        "convert it with transformers 4 and TensorFlow: "
          + "\(loader).from_pretrained(DIR, from_tf=True).save_pretrained(NEW_DIR)"
      }),
    Format(
      name: "Flax's format",
      matches: { $0.hasSuffix(".msgpack") || $0 == "flax_model.msgpack.index.json" },
      remedy: { loader, _ in
        "convert it with transformers 4 and Flax: "
          + "\(loader).from_pretrained(DIR, from_flax=True).save_pretrained(NEW_DIR)"
      }),
    Format(
      name: "a format for running a model elsewhere",
      matches: { name in
        [".onnx", ".ot", ".gguf", ".ggml", ".tflite", ".mlmodel", ".mlpackage", ".pb", ".engine"]
          .contains { name.hasSuffix($0) } || ["onnx", "openvino_model.xml"].contains(name)
      },
      remedy: { loader, _ in
        "get model.safetensors or pytorch_model.bin from where it was made of them, and convert "
          + "the latter with transformers: \(loader).from_pretrained(DIR).save_pretrained(NEW_DIR)"
      }),
  ]

  /// How a pickle becomes a safetensors file.
  ///
  /// - Parameter loader: the class of transformers that loads the model with its head.
  static func pickleRemedy(_ loader: String = "AutoModel") -> String {
    "convert it where nothing can be lost, with transformers: "
      + "\(loader).from_pretrained(DIR).save_pretrained(NEW_DIR, safe_serialization=True)"
  }

  /// Names the first file of such a format.
  ///
  /// - Parameter config: the `config.json`, if there is one: it says whether the weights have a
  ///   head that must not be lost.
  static func refuse(in directory: String, config: JSONNode? = nil) throws(InputError) {
    let names = try Path.names(in: directory)
    let architecture = config?.value["architectures"]?.array?.first?.string ?? ""
    let task = "ForSequenceClassification"
    let loader = "AutoModel" + (architecture.hasSuffix(task) ? task : "")
    for format in formats {
      guard let name = names.first(where: format.matches) else { continue }
      throw InputError(
        format.kind, file: Path.join(directory, name),
        problem: "is \(format.name), and there is no model.safetensors",
        remedy: format.remedy(loader, name))
    }
  }

  /// Files that `torch.save` wrote; those of a training's state hold no model.
  private static func isPickle(_ name: String) -> Bool {
    [
      "pytorch_model.bin", "pytorch_model.bin.index.json", "model.bin", "model.pt", "model.pth",
      "model.ckpt", "pytorch_model.pt", "adapter_model.bin",
    ].contains(name) || name.hasPrefix("pytorch_model-") && name.hasSuffix(".bin")
  }
}
